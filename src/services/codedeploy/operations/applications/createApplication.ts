// CreateApplication: a name for revisions and groups; only the Server platform is carried out.

import type { Handler } from '../../../../operation/handler.ts'
import { insertApplication } from '../../applications.ts'
import { applicationArn } from '../../arns.ts'
import { fail } from '../../errors.ts'
import { setTags } from '../../tags.ts'

export const createApplication: Handler<'codedeploy', 'CreateApplication'> = async (call, input) => {
  const platform = input.computePlatform ?? 'Server'
  if (platform !== 'Server') {
    fail(
      'InvalidComputePlatformException',
      `Codeyard deploys to hosts (Server); the compute platform ${platform} is not supported yet.`,
    )
  }
  const id = call.ids.uuid()
  const row = { id, name: input.applicationName, compute_platform: 'Server' as const, created_at: call.now }
  if (!(await insertApplication(call.tx, call.scope, row))) {
    fail('ApplicationAlreadyExistsException', `Application already exists with name: ${input.applicationName}`)
  }
  await setTags(call.tx, call.scope, applicationArn(call.scope, input.applicationName), input.tags ?? [])
  return { applicationId: id }
}

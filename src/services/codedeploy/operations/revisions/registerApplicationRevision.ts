// RegisterApplicationRevision: says that a bundle in S3 belongs to an application.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { readRevision, registerRevision } from '../../revisions.ts'

export const registerApplicationRevision: Handler<'codedeploy', 'RegisterApplicationRevision'> = async (
  call,
  input,
) => {
  const application = await findApplication(call.tx, call.scope, input.applicationName)
  const revision = readRevision(input.revision)
  await registerRevision(call.tx, application, revision, { now: call.now, description: input.description, used: false })
  return {}
}

// DeleteProject: the project goes with its webhook, its builds stay. Deleting what is not there is fine, as on AWS.

import type { Handler } from '../../../../operation/handler.ts'
import { projectName } from '../../definition.ts'
import { deleteProject as deleteRow } from '../../projects.ts'
import { deletePolicy } from '../../sharing/policies.ts'
import { leaveProvider } from '../../webhooks/leaveProvider.ts'

export const deleteProject: Handler<'codebuild', 'DeleteProject'> = async (call, input) => {
  const name = projectName(call.scope, input.name)
  await leaveProvider(call, name)
  await deleteRow(call.tx, call.scope, name)
  await deletePolicy(call.tx, { scope: call.scope, kind: 'project', name })
  return {}
}

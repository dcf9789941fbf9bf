// DeleteProject: the project goes, its builds stay. Deleting what is not there is fine, as on AWS.

import type { Handler } from '../../../../operation/handler.ts'
import { projectName } from '../../definition.ts'
import { deleteProject as deleteRow } from '../../projects.ts'

export const deleteProject: Handler<'codebuild', 'DeleteProject'> = async (call, input) => {
  await deleteRow(call.tx, call.scope, projectName(input.name))
  return {}
}

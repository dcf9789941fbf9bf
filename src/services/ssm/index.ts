// Systems Manager: its Parameter Store, sessions in builds and sandboxes, and why the rest is not there.

import { defineService, read, write } from '../../operation/service.ts'
import { absent } from './absent.ts'
import { access } from './access.ts'
import { labelParameterVersion, unlabelParameterVersion } from './operations/labels/labels.ts'
import { deleteParameter, deleteParameters } from './operations/parameters/deleteParameters.ts'
import { describeParameters } from './operations/parameters/describeParameters.ts'
import { getParameter } from './operations/parameters/getParameter.ts'
import { getParameterHistory } from './operations/parameters/getParameterHistory.ts'
import { getParameters } from './operations/parameters/getParameters.ts'
import { getParametersByPath } from './operations/parameters/getParametersByPath.ts'
import { putParameter } from './operations/parameters/putParameter.ts'
import { startSession } from './operations/sessions/startSession.ts'
import { terminateSession } from './operations/sessions/terminateSession.ts'
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './operations/tags/tags.ts'
import { tasks } from './sessions/tasks.ts'

export { sessionDoor, type TerminalWish } from './sessions/door.ts'

export const ssm = defineService<'ssm'>({
  name: 'ssm',
  principal: 'ssm.amazonaws.com',
  access,
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  operations: {
    StartSession: write(startSession),
    TerminateSession: write(terminateSession),
    PutParameter: write(putParameter),
    GetParameter: read(getParameter),
    GetParameters: read(getParameters),
    GetParametersByPath: read(getParametersByPath),
    GetParameterHistory: read(getParameterHistory),
    DescribeParameters: read(describeParameters),
    DeleteParameter: write(deleteParameter),
    DeleteParameters: write(deleteParameters),
    LabelParameterVersion: write(labelParameterVersion),
    UnlabelParameterVersion: write(unlabelParameterVersion),
    AddTagsToResource: write(addTagsToResource),
    RemoveTagsFromResource: write(removeTagsFromResource),
    ListTagsForResource: read(listTagsForResource),
    ...absent,
  },
})

// The private API that CodeDeploy agents speak (CodeDeployCommandService_v20141006): a second door to the same rows.

import { open, read, type Service, write } from '../../operation/service.ts'
import { getDeploymentSpecification } from './commands/getDeploymentSpecification.ts'
import { pollHostCommand } from './commands/pollHostCommand.ts'
import { postHostCommandUpdate, putHostCommandAcknowledgement, putHostCommandComplete } from './commands/reports.ts'
import { tasks } from './tasks.ts'

export const codedeployCommands: Service = {
  name: 'codedeploy-commands',
  principal: 'codedeploy.amazonaws.com',
  // AWS: hosts need no IAM permission here; each operation checks that the caller is the host it speaks for.
  access: () => [],
  tasks,
  operations: {
    PollHostCommand: open(pollHostCommand, { changes: false }),
    GetDeploymentSpecification: read(getDeploymentSpecification),
    PutHostCommandAcknowledgement: write(putHostCommandAcknowledgement),
    PostHostCommandUpdate: write(postHostCommandUpdate),
    PutHostCommandComplete: write(putHostCommandComplete),
  },
}

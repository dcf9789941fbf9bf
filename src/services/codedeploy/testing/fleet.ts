// For tests: hosts that poll the commands API and obey, without an agent.

import type { Principal } from '../../../operation/principal.ts'
import { ACCOUNT, type TestHouse } from '../../../testing/house.ts'

export const hostArn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`
const user = (name: string): Principal => ({
  type: 'user',
  account: ACCOUNT,
  arn: hostArn(name),
  userId: `AIDA${name}`,
  userName: name,
})

export const S3_REVISION = {
  revisionType: 'S3' as const,
  s3Location: { bucket: 'artifacts', key: 'app.zip', bundleType: 'zip' as const },
}
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`

export interface GivenCommand {
  readonly HostCommandIdentifier: string
  readonly DeploymentExecutionId: string
  readonly CommandName: string
  readonly Nonce: number
}

export function host(house: TestHouse, name: string) {
  const invoke = house.as(user(name)).invoke as any
  const commands = (operation: string, input: object) => invoke('codedeploy-commands', operation, input)
  return {
    commands,
    poll: async (as = name): Promise<GivenCommand | undefined> =>
      (await commands('PollHostCommand', { HostIdentifier: hostArn(as) })).HostCommand,
    acknowledge: (command: GivenCommand, noop = false) =>
      commands('PutHostCommandAcknowledgement', {
        HostCommandIdentifier: command.HostCommandIdentifier,
        Diagnostics: { Format: 'JSON', Payload: JSON.stringify({ IsCommandNoop: noop }) },
      }),
    complete: (command: GivenCommand, code = 0, message = 'Succeeded: ') =>
      commands('PutHostCommandComplete', {
        HostCommandIdentifier: command.HostCommandIdentifier,
        CommandStatus: code === 0 ? 'Succeeded' : 'Failed',
        Diagnostics: {
          Format: 'JSON',
          Payload: JSON.stringify({ error_code: code, script_name: code ? 'x.sh' : '', message, log: 'the log' }),
        },
      }),
    /** Carries out commands until `last` is done (or fails at `failing`). Answers their names. */
    async obey({ until = 'ValidateService', failing }: { until?: string; failing?: string } = {}): Promise<string[]> {
      const done: string[] = []
      for (;;) {
        const command = await this.poll()
        if (!command) return done
        done.push(command.CommandName)
        await this.acknowledge(command)
        await this.complete(
          command,
          command.CommandName === failing ? 4 : 0,
          command.CommandName === failing ? 'broken' : 'Succeeded: ',
        )
        if (command.CommandName === until || command.CommandName === failing) return done
      }
    },
  }
}

/** An application `shop` with the group `fleet` of hosts tagged env=prod. */
export async function makeFleet(house: TestHouse, names: readonly string[], group: object = {}) {
  const { invoke } = house
  await invoke('codedeploy', 'CreateApplication', { applicationName: 'shop' })
  for (const instanceName of names) {
    await invoke('codedeploy', 'RegisterOnPremisesInstance', { instanceName, iamUserArn: hostArn(instanceName) })
  }
  if (names.length > 0) {
    await invoke('codedeploy', 'AddTagsToOnPremisesInstances', {
      instanceNames: [...names],
      tags: [{ Key: 'env', Value: 'prod' }],
    })
  }
  await invoke('codedeploy', 'CreateDeploymentGroup', {
    applicationName: 'shop',
    deploymentGroupName: 'fleet',
    serviceRoleArn: ROLE,
    deploymentConfigName: 'CodeDeployDefault.OneAtATime',
    onPremisesInstanceTagFilters: [{ Key: 'env', Value: 'prod', Type: 'KEY_AND_VALUE' }],
    ...group,
  })
}

export async function deploy(house: TestHouse, input: object = {}): Promise<string> {
  const { deploymentId } = await house.invoke('codedeploy', 'CreateDeployment', {
    applicationName: 'shop',
    deploymentGroupName: 'fleet',
    revision: S3_REVISION,
    ...input,
  })
  await house.runJobs()
  return deploymentId!
}

export const statusOf = async (house: TestHouse, deploymentId: string) =>
  (await house.invoke('codedeploy', 'GetDeployment', { deploymentId })).deploymentInfo!

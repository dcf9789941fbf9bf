// For tests: CodeDeploy and S3 over HTTP, with signed calls, and just enough of IAM and STS to make hosts.

import { setTimeout as delay } from 'node:timers/promises'
import { randomIds } from '../../core/ids.ts'
import { createLog } from '../../core/log.ts'
import { authenticator } from '../../gateway/authenticate.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import { type Principal, principalArn } from '../../operation/principal.ts'
import { codedeployCommands } from '../../services/codedeploy/commands.ts'
import { codedeploy } from '../../services/codedeploy/index.ts'
import { s3 } from '../../services/s3/index.ts'
import { ACCOUNT, openHouse, REGION, root } from '../../testing/house.ts'
import { createHttpServer } from '../../transports/http/index.ts'

export const ROOT_KEYS = { accessKeyId: 'AKIAROOT', secretAccessKey: 'root-secret' }
const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`

export type WireHouse = Awaited<ReturnType<typeof openWireHouse>>

export async function openWireHouse() {
  const keys = new Map<string, { secretAccessKey: string; principal: Principal }>([
    [ROOT_KEYS.accessKeyId, { secretAccessKey: ROOT_KEYS.secretAccessKey, principal: root }],
  ])
  const identity: Partial<IdentityDirectory> = {
    async findCredential(accessKeyId) {
      const key = keys.get(accessKeyId)
      return key ? { accessKeyId, ...key, active: true } : undefined
    },
  }
  const userOf = (UserName: string) => `arn:aws:iam::${ACCOUNT}:user/AWS/CodeDeploy/${UserName}`
  const house = await openHouse({
    services: [codedeploy, codedeployCommands, s3],
    identity,
    now: new Date().toISOString(),
    answers: {
      'sts.GetCallerIdentity': async (_, principal) => ({ Arn: principalArn(principal), Account: ACCOUNT }),
      'iam.CreateUser': async ({ UserName }) => ({
        User: { Arn: userOf(UserName), Path: '/AWS/CodeDeploy/', UserName, UserId: 'AIDA' },
      }),
      'iam.PutUserPolicy': async () => ({}),
      'iam.CreateAccessKey': async ({ UserName }) => {
        const accessKeyId = `AKIA${randomIds.text(16)}`
        const secretAccessKey = randomIds.text(40)
        const principal: Principal = {
          type: 'user',
          account: ACCOUNT,
          arn: userOf(UserName),
          userId: 'AIDA',
          userName: UserName,
        }
        keys.set(accessKeyId, { secretAccessKey, principal })
        return { AccessKey: { UserName, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Status: 'Active' } }
      },
    },
  })
  const full = {
    findCredential: identity.findCredential!,
    findServiceCredential: async () => undefined,
  } as unknown as IdentityDirectory
  const start = async (port: number) => {
    const server = createHttpServer({
      gateway: house.gateway,
      authenticate: authenticator({ identity: full, clock: house.clock, config: house.config }),
      ids: randomIds,
      log: createLog('silent'),
    })
    return { server, port: (await server.listen(port, '127.0.0.1')).port }
  }
  let running = await start(0)
  const { invoke } = house
  await invoke('s3', 'CreateBucket', { Bucket: 'artifacts' })
  return {
    house,
    endpoint: `http://127.0.0.1:${running.port}`,
    region: REGION,
    /** An application `shop` with a group of hosts tagged env=prod. */
    async makeGroup(group: object = {}) {
      await invoke('codedeploy', 'CreateApplication', { applicationName: 'shop' })
      await invoke('codedeploy', 'CreateDeploymentGroup', {
        applicationName: 'shop',
        deploymentGroupName: 'fleet',
        serviceRoleArn: ROLE,
        onPremisesInstanceTagFilters: [{ Key: 'env', Value: 'prod', Type: 'KEY_AND_VALUE' }],
        ...group,
      })
    },
    putBundle: (key: string, bytes: Uint8Array) =>
      invoke('s3', 'PutObject', { Bucket: 'artifacts', Key: key, Body: bytes as any }),
    async deploy(key: string, bundleType: 'zip' | 'tgz' | 'tar' = 'tgz', more: object = {}) {
      const { deploymentId } = await invoke('codedeploy', 'CreateDeployment', {
        applicationName: 'shop',
        deploymentGroupName: 'fleet',
        revision: { revisionType: 'S3', s3Location: { bucket: 'artifacts', key, bundleType } },
        ...more,
      })
      await house.runJobs()
      return deploymentId!
    },
    status: async (deploymentId: string) =>
      (await invoke('codedeploy', 'GetDeployment', { deploymentId })).deploymentInfo!,
    events: async (deploymentId: string, targetId: string) =>
      (await invoke('codedeploy', 'GetDeploymentTarget', { deploymentId, targetId })).deploymentTarget!.instanceTarget!
        .lifecycleEvents!,
    /** Cuts all connections and comes back on the same port after `gone` ms. */
    async restartServer(gone = 0) {
      await running.server.close(0)
      await delay(gone)
      running = await start(running.port)
    },
    async close() {
      await running.server.close(0)
      await house.close()
    },
  }
}

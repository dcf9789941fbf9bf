// Who this host is: its own IAM identity, kept in codedeploy.onpremises.yml, made the first time by someone who may.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Credentials } from './commandsClient.ts'

export interface HostIdentity {
  /** IAM user ARN or session ARN. */
  readonly host: string
  readonly credentials: () => Promise<Credentials>
}

export interface Registration {
  readonly endpoint?: string
  readonly region: string
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  /** Of the person or role that starts the agent. */
  readonly credentials: () => Promise<Credentials>
  /** Where the host's identity is kept. */
  readonly configFile: string
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** The identity on disk when the service still knows it; else the host is registered. */
export async function establishIdentity(registration: Registration): Promise<HostIdentity> {
  const kept = readConfig(registration.configFile)
  if (kept && (await isKnown(registration, kept))) {
    await tagHost(registration).catch(error =>
      registration.log('warn', `the tags stay as they are: ${(error as Error).message}`),
    )
    return kept
  }
  const identity = await register(registration)
  await tagHost(registration)
  return identity
}

/** AWS: codedeploy.onpremises.yml [onpremise_config.rb]; this agent reads the form with a user. */
export function readConfig(file: string): HostIdentity | undefined {
  if (!existsSync(file)) return undefined
  const {
    iam_user_arn: host,
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
  } = parse(readFileSync(file, 'utf8')) ?? {}
  if (!host || !accessKeyId || !secretAccessKey) return undefined
  return { host, credentials: async () => ({ accessKeyId, secretAccessKey }) }
}

const clientOptions = ({ endpoint, region }: Registration, credentials: () => Promise<Credentials>) => ({
  ...(endpoint ? { endpoint } : {}),
  region,
  credentials,
})

async function isKnown(registration: Registration, { host, credentials }: HostIdentity): Promise<boolean> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient(clientOptions(registration, credentials))
  try {
    return (
      (await client.send(new GetCallerIdentityCommand({}))).Arn === host && (await registeredAs(registration)) === host
    )
  } catch (error) {
    // The service answered that it does not know these keys; anything else is not about the identity.
    if (/InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId/.test((error as Error).name)) return false
    throw error
  } finally {
    client.destroy()
  }
}

/** The identity under which the name is registered now; undefined when it is not. Without permission to look: trust the file. */
async function registeredAs(registration: Registration): Promise<string | undefined> {
  const { CodeDeployClient, GetOnPremisesInstanceCommand } = await import('@aws-sdk/client-codedeploy')
  const client = new CodeDeployClient(clientOptions(registration, registration.credentials))
  try {
    const { instanceInfo } = await client.send(new GetOnPremisesInstanceCommand({ instanceName: registration.name }))
    return instanceInfo?.deregisterTime ? undefined : (instanceInfo?.iamUserArn ?? instanceInfo?.iamSessionArn)
  } catch (error) {
    if ((error as Error).name === 'InstanceNotRegisteredException') return undefined
    if ((error as Error).name === 'AccessDeniedException') return readConfig(registration.configFile)?.host
    throw error
  } finally {
    client.destroy()
  }
}

/** A role session is the host itself; for anyone else an IAM user is made, as `aws deploy register` does. */
async function register(registration: Registration): Promise<HostIdentity> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
  const sts = new STSClient(clientOptions(registration, registration.credentials))
  const caller = (await sts.send(new GetCallerIdentityCommand({}))).Arn ?? ''
  sts.destroy()
  const existing = await registeredAs(registration)
  if (existing === caller) return { host: caller, credentials: registration.credentials }
  if (caller.includes(':assumed-role/')) {
    await registerInstance(registration, { iamSessionArn: caller }, existing)
    return { host: caller, credentials: registration.credentials }
  }
  const identity = await makeUser(registration)
  await registerInstance(registration, { iamUserArn: identity.host }, existing)
  return identity
}

async function registerInstance(
  registration: Registration,
  arn: { iamUserArn: string } | { iamSessionArn: string },
  existing: string | undefined,
): Promise<void> {
  const sdk = await import('@aws-sdk/client-codedeploy')
  const client = new sdk.CodeDeployClient(clientOptions(registration, registration.credentials))
  const host = 'iamUserArn' in arn ? arn.iamUserArn : arn.iamSessionArn
  try {
    if (existing === host) return
    if (existing) {
      throw new Error(
        `The on-premises instance ${registration.name} is registered with ${existing}; deregister it, or start the agent with the root directory that has its credentials.`,
      )
    }
    await client.send(new sdk.RegisterOnPremisesInstanceCommand({ instanceName: registration.name, ...arn }))
    registration.log('info', `registered ${registration.name} as ${host}`)
  } finally {
    client.destroy()
  }
}

async function tagHost(registration: Registration): Promise<void> {
  const tags = Object.entries(registration.tags).map(([Key, Value]) => ({ Key, Value }))
  if (tags.length === 0) return
  const sdk = await import('@aws-sdk/client-codedeploy')
  const client = new sdk.CodeDeployClient(clientOptions(registration, registration.credentials))
  try {
    await client.send(new sdk.AddTagsToOnPremisesInstancesCommand({ instanceNames: [registration.name], tags }))
  } finally {
    client.destroy()
  }
}

/** AWS: path, policy name and policy of `aws deploy register`. */
async function makeUser(registration: Registration): Promise<HostIdentity> {
  const sdk = await import('@aws-sdk/client-iam')
  const client = new sdk.IAMClient(clientOptions(registration, registration.credentials))
  const UserName = registration.name
  try {
    const host = await client
      .send(new sdk.CreateUserCommand({ UserName, Path: '/AWS/CodeDeploy/' }))
      .then(({ User }) => User?.Arn)
      .catch(async error => {
        if ((error as Error).name !== 'EntityAlreadyExistsException') throw error
        const { User } = await client.send(new sdk.GetUserCommand({ UserName }))
        // Only a user that was made for a host may be used as one.
        if (User?.Path !== '/AWS/CodeDeploy/') throw error
        return User.Arn
      })
    await client.send(
      new sdk.PutUserPolicyCommand({
        UserName,
        PolicyName: 'codedeploy-agent',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Action: ['s3:Get*', 's3:List*'], Effect: 'Allow', Resource: '*' }],
        }),
      }),
    )
    const { AccessKey } = await client.send(new sdk.CreateAccessKeyCommand({ UserName }))
    writeConfig(registration, {
      region: registration.region,
      iam_user_arn: host!,
      aws_access_key_id: AccessKey!.AccessKeyId!,
      aws_secret_access_key: AccessKey!.SecretAccessKey!,
    })
    return readConfig(registration.configFile)!
  } finally {
    client.destroy()
  }
}

function writeConfig({ configFile }: Registration, config: Record<string, string>): void {
  mkdirSync(dirname(configFile), { recursive: true })
  writeFileSync(configFile, stringify(config), { mode: 0o600 })
  chmodSync(configFile, 0o600)
}

// Values of variables that are in Parameter Store or Secrets Manager, fetched with the permissions of the build's role.
// AWS: a failure ends DOWNLOAD_SOURCE with `Decrypted Variables Error` or `Secrets Manager Error` as its status code and what the
// other service said as its message, as build logs in public issue threads show: `Phase context status code: Decrypted Variables
// Error Message: parameter does not exist: NAME`.

import type { EnvironmentVariable } from '@aws-sdk/client-codebuild'
import { BuildFailure } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { BuildspecEnv } from '../../../specs/buildspec/buildspec.ts'
import { jsonValue, readSecretReference, versionKey } from './secretReference.ts'

const PARAMETERS = 'Decrypted Variables Error'
const SECRETS = 'Secrets Manager Error'
/** GetParameters takes no more at once. */
const BATCH = 10

export interface SecretSources {
  readonly buildspec: Pick<BuildspecEnv, 'parameterStore' | 'secretsManager'>
  /** Of the project under those of StartBuild. */
  readonly variables: readonly EnvironmentVariable[]
  /** The role of the build. */
  readonly invoke: Invoke
  readonly say: (line: string) => Promise<void>
}

/** Values by variable name, as the port `resolve` of a build answers them. Only what the build will see is fetched. */
export async function secretVariables({ buildspec, variables, invoke, say }: SecretSources) {
  const own = new Set(variables.map(({ name }) => name))
  const wanted = (type: EnvironmentVariable['type'], declared: Readonly<Record<string, string>>): Wanted => [
    ...Object.entries(declared).filter(([name]) => !own.has(name)),
    ...variables.flatMap(variable => (variable.type === type ? [[variable.name!, variable.value!] as const] : [])),
  ]
  const parameters = wanted('PARAMETER_STORE', buildspec.parameterStore)
  const secrets = wanted('SECRETS_MANAGER', buildspec.secretsManager)
  if (parameters.length > 0) await say('Decrypting parameter store environment variables')
  const values = { ...(await parameterValues(invoke, parameters)), ...(await secretValues(invoke, secrets)) }
  return values
}

/** Variable names and what they refer to. */
type Wanted = readonly (readonly [string, string])[]

async function parameterValues(invoke: Invoke, wanted: Wanted): Promise<Record<string, string>> {
  const names = [...new Set(wanted.map(([, name]) => name))]
  const found = new Map<string, string>()
  for (let at = 0; at < names.length; at += BATCH) {
    const batch = { Names: names.slice(at, at + BATCH), WithDecryption: true }
    const { Parameters = [], InvalidParameters = [] } = await invoke('ssm', 'GetParameters', batch).catch(error =>
      refused(PARAMETERS, error),
    )
    if (InvalidParameters.length > 0)
      throw new BuildFailure(PARAMETERS, `parameter does not exist: ${InvalidParameters[0]}`)
    for (const { Name = '', ARN = '', Selector = '', Value = '' } of Parameters)
      found.set(Name + Selector, Value).set(ARN + Selector, Value)
  }
  return Object.fromEntries(wanted.map(([variable, name]) => [variable, found.get(name) ?? '']))
}

async function secretValues(invoke: Invoke, wanted: Wanted): Promise<Record<string, string>> {
  const texts = new Map<string, string>()
  const values: Record<string, string> = {}
  for (const [variable, text] of wanted) {
    const reference = readSecretReference(text)
    const key = versionKey(reference)
    if (!texts.has(key)) {
      const { SecretString } = await invoke('secretsmanager', 'GetSecretValue', {
        SecretId: reference.id,
        ...(reference.stage && { VersionStage: reference.stage }),
        ...(reference.versionId && { VersionId: reference.versionId }),
      }).catch(error => refused(SECRETS, error))
      if (SecretString === undefined)
        throw new BuildFailure(SECRETS, `${variable}: the secret ${reference.id} is binary: a variable needs text`)
      texts.set(key, SecretString)
    }
    const secret = texts.get(key)!
    const value = reference.jsonKey === undefined ? secret : jsonValue(secret, reference.jsonKey)
    if (value === undefined)
      throw new BuildFailure(SECRETS, `${variable}: the secret ${reference.id} has no JSON key ${reference.jsonKey}`)
    values[variable] = value
  }
  return values
}

function refused(statusCode: string, error: unknown): never {
  if (!isServiceError(error)) throw error
  throw new BuildFailure(statusCode, `${error.code}: ${error.message}`)
}

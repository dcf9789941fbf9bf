// User and password of a project's image registry, from the secret that the project names.

import type { ProjectEnvironment } from '@aws-sdk/client-codebuild'
import { isServiceError } from '../../../core/serviceError.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { RegistryCredentials, SandboxProvider } from '../../../sandbox/sandbox.ts'
import { SandboxError } from '../../../sandbox/sandboxError.ts'

/** `provider` with the registry credentials of the environment; a secret that can not be used means that the image can not be had. */
export function withRegistry(
  provider: SandboxProvider,
  environment: ProjectEnvironment,
  invoke: Invoke,
): SandboxProvider {
  const { credential } = environment.registryCredential ?? {}
  if (!credential) return provider
  return {
    ...provider,
    create: async spec => provider.create({ ...spec, registry: await registryOf(credential, invoke) }),
  }
}

// AWS: the secret is `{"username": ..., "password": ...}` [sample-private-registry].
async function registryOf(credential: string, invoke: Invoke): Promise<RegistryCredentials> {
  const unusable = (why: string) =>
    new SandboxError('NO_IMAGE', `the registry credential ${credential} can not be used: ${why}`)
  let text: string | undefined
  try {
    text = (await invoke('secretsmanager', 'GetSecretValue', { SecretId: credential })).SecretString
  } catch (error) {
    if (isServiceError(error)) throw unusable(`${error.code}: ${error.message}`)
    throw error
  }
  try {
    const { username, password } = JSON.parse(text ?? '') as Partial<RegistryCredentials>
    if (typeof username === 'string' && typeof password === 'string') return { username, password }
  } catch {
    // said below; the text is secret
  }
  throw unusable('it is not JSON with username and password')
}

// Whether a project's sources are where their providers are, and have the credentials that they say they use.

import type { ProjectSource } from '@aws-sdk/client-codebuild'
import type { Call } from '../../../operation/call.ts'
import { fail } from '../errors.ts'
import { findCredential, SECRET_ARN } from './credentials.ts'
import { ANY_REPOSITORY, hostOf, isProviderType, type ProviderType, providerTableOf, repositoryOf } from './hosts.ts'

/** Fails with InvalidInputException. */
export async function checkSources(call: Call, sources: readonly (ProjectSource | undefined)[]): Promise<void> {
  const own = sources.filter(source => isProviderType(source?.type))
  if (own.length === 0) return
  const table = await providerTableOf(call).catch((error: Error) =>
    fail('InvalidInputException', `The table of git providers can not be used: ${error.message}`),
  )
  for (const source of own) {
    const type = source!.type as ProviderType
    if (source!.location !== ANY_REPOSITORY && !repositoryOf(source!, table)) {
      const place = hostOf(type, table)?.url ?? 'https://HOST'
      fail(
        'InvalidInputException',
        `Invalid project source: location must be a ${type} repository, ${place}/OWNER/NAME.git, not ${source!.location}`,
      )
    }
    await checkAuth(call, source!)
  }
}

async function checkAuth({ tx, scope }: Call, { type, auth }: ProjectSource): Promise<void> {
  switch (auth?.type) {
    case undefined:
      return
    case 'OAUTH':
      if (await findCredential(tx, scope, type!)) return
      // AWS: verbatim for GitHub (aws-cdk issue 1844).
      return fail(
        'InvalidInputException',
        `No Access token found, please visit AWS CodeBuild console to connect to ${NAMES[type as ProviderType]}`,
      )
    case 'SECRETS_MANAGER':
      if (SECRET_ARN.test(auth.resource ?? '')) return
      return fail(
        'InvalidInputException',
        'Invalid source auth: resource must be the ARN of a secret of Secrets Manager',
      )
    default:
      fail(
        'InvalidInputException',
        `Invalid source auth: ${auth?.type} is not supported by Codeyard, import a token or name a secret of Secrets Manager`,
      )
  }
}

const NAMES: Readonly<Record<ProviderType, string>> = {
  GITHUB: 'GitHub',
  GITHUB_ENTERPRISE: 'GitHub Enterprise',
  BITBUCKET: 'Bitbucket',
  GITLAB: 'GitLab',
  GITLAB_SELF_MANAGED: 'GitLab Self Managed',
}

// CreateWebhook: the provider is told to send events here, or the caller is told where to.

import { randomBytes } from 'node:crypto'
import type { ScopeConfiguration } from '@aws-sdk/client-codebuild'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import type { ProjectRow } from '../../projects.ts'
import {
  ANY_REPOSITORY,
  hostOf,
  isProviderType,
  type ProviderTable,
  type ProviderType,
  repositoryOf,
} from '../../providers/hosts.ts'
import type { HookPlace } from '../../providers/provider.ts'
import { providerOf } from '../../providers/providerOf.ts'
import { problemOf, wantedEvents } from '../../webhooks/filters.ts'
import { atProvider, hookAccess, projectOf, tableOf } from '../../webhooks/hookAccess.ts'
import {
  findWebhook,
  type HookDefinition,
  insertWebhook,
  payloadUrl,
  sealSecret,
  webhookShape,
} from '../../webhooks/webhooks.ts'

export const createWebhook: OpenHandler<'codebuild', 'CreateWebhook'> = async (call, input) => {
  const project = await projectOf(call, projectName(call.scope, input.projectName!))
  const { projectName: _, ...given } = input
  const definition = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as HookDefinition
  const type = typeOf(project)
  checkHook(definition, type)
  const { scope } = call
  const already = () =>
    fail('ResourceAlreadyExistsException', `Webhook already exists for project ${project.name}: update or delete it`)
  if (await call.read(({ tx }) => findWebhook(tx, scope, project.name))) already()
  const table = await tableOf(call)
  const place = placeOf(project, table, definition.scopeConfiguration)
  const base = table.webhookUrl ?? call.config.endpoint
  const secret = randomBytes(32).toString('hex')
  const token = randomBytes(32).toString('base64url')
  const row = {
    ...scope,
    project: project.name,
    token,
    payload_url: payloadUrl(base, token),
    source_type: type,
    ...place,
    sealed_secret: sealSecret(call.config.dataDir, { ...scope, project: project.name }, secret),
    definition,
    secret_modified_at: call.now,
  }
  if (definition.manualCreation) {
    const made = { ...row, hook_id: null, url: null }
    if (!(await call.transaction(({ tx }) => insertWebhook(tx, made)))) already()
    return { webhook: webhookShape(made, secret) }
  }
  const access = await hookAccess(call, row, project)
  const wanted = {
    payloadUrl: row.payload_url,
    secret,
    events: wantedEvents(definition),
    comments: definition.pullRequestBuildPolicy?.requiresCommentApproval !== 'DISABLED',
  }
  const { id, url } = await atProvider('create', () => providerOf(type).createHook(access, row.place, wanted))
  const made = { ...row, hook_id: id, url }
  const kept = await call
    .transaction(({ tx }) => insertWebhook(tx, made))
    .catch(async error => {
      await providerOf(type)
        .deleteHook(access, row.place, id)
        .catch(() => {})
      throw error
    })
  if (!kept) {
    await providerOf(type)
      .deleteHook(access, row.place, id)
      .catch(() => {})
    already()
  }
  return { webhook: webhookShape(made) }
}

function typeOf({ definition }: ProjectRow): ProviderType {
  const type = definition.source?.type
  if (isProviderType(type)) return type
  return fail('InvalidInputException', `Webhooks are not supported for projects of source type ${type}`)
}

/** Fails with InvalidInputException when there can be no such webhook. */
export function checkHook(definition: HookDefinition, type: ProviderType): void {
  const problem = problemOf(definition, type)
  if (problem) fail('InvalidInputException', `Invalid webhook: ${problem}`)
  if (definition.buildType === 'RUNNER_BUILDKITE_BUILD') {
    fail('InvalidInputException', 'Invalid webhook: RUNNER_BUILDKITE_BUILD is not supported by Codeyard')
  }
  // AWS: manual webhooks are there for GitHub and GitLab [github-manual-webhook, gitlab-manual-webhook].
  if (definition.manualCreation && type === 'BITBUCKET') {
    fail('InvalidInputException', 'Invalid webhook: manualCreation is not supported for BITBUCKET')
  }
}

/** Who sends, and where that is. */
function placeOf({ definition }: ProjectRow, table: ProviderTable, scope: ScopeConfiguration | undefined) {
  const source = definition.source!
  const type = source.type as ProviderType
  const insecure = source.insecureSsl === true
  if (!scope) {
    const repository = repositoryOf(source, table)
    if (!repository)
      return fail('InvalidInputException', `The source location ${source.location} is no repository of ${type}`)
    const place: HookPlace = { kind: 'repository', path: repository.path }
    return { place, api: repository.api, insecure }
  }
  // AWS: the source location has to be this word [github-global-organization-webhook-setup].
  if (source.location !== ANY_REPOSITORY) {
    fail('InvalidInputException', `The source location must be ${ANY_REPOSITORY} for a webhook with a scope`)
  }
  const fits = type.startsWith('GITLAB') ? scope.scope === 'GITLAB_GROUP' : scope.scope !== 'GITLAB_GROUP'
  if (!fits || type === 'BITBUCKET' || (scope.scope === 'GITHUB_GLOBAL' && type !== 'GITHUB_ENTERPRISE')) {
    fail('InvalidInputException', `The webhook scope ${scope.scope} is not supported for ${type}`)
  }
  const api = hostOf(type, table)?.api ?? selfManagedApi(type, scope.domain)
  const place: HookPlace =
    scope.scope === 'GITHUB_GLOBAL' ? { kind: 'global' } : { kind: 'organization', name: scope.name! }
  return { place, api, insecure }
}

function selfManagedApi(type: ProviderType, domain: string | undefined): string {
  const url = `https://${domain}`
  if (!domain || !URL.canParse(url) || new URL(url).host !== domain.toLowerCase()) {
    return fail('InvalidInputException', `scopeConfiguration.domain must be the host of the ${type} server`)
  }
  return `${url}${type === 'GITHUB_ENTERPRISE' ? '/api/v3' : '/api/v4'}`
}

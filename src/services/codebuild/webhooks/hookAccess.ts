// What the operations on webhooks share: the project, the way to its provider, and the provider's refusals in AWS's words.

import type { OpenCall } from '../../../operation/call.ts'
import { projectArn } from '../definition.ts'
import { fail } from '../errors.ts'
import { findProject, type ProjectRow } from '../projects.ts'
import { apiAccess, CredentialProblem, credentialOf } from '../providers/credentials.ts'
import { type ProviderTable, providerTableOf } from '../providers/hosts.ts'
import { type ApiAccess, ProviderError } from '../providers/request.ts'
import { findWebhook, type WebhookRow } from './webhooks.ts'

export async function projectOf(call: OpenCall, name: string): Promise<ProjectRow> {
  const project = await call.read(({ tx, scope }) => findProject(tx, scope, name))
  return project ?? fail('ResourceNotFoundException', `Project cannot be found: ${projectArn(call.scope, name)}`)
}

export async function webhookOf(call: OpenCall, project: string): Promise<WebhookRow> {
  const row = await call.read(({ tx, scope }) => findWebhook(tx, scope, project))
  return row ?? fail('ResourceNotFoundException', `Webhook cannot be found for project ${project}`)
}

export const tableOf = (call: OpenCall): Promise<ProviderTable> =>
  providerTableOf(call).catch((error: Error) =>
    fail('InvalidInputException', `The table of git providers can not be used: ${error.message}`),
  )

/** The provider's API with the project's credentials. */
export async function hookAccess(
  call: OpenCall,
  { source_type: type, api, insecure }: Pick<WebhookRow, 'source_type' | 'api' | 'insecure'>,
  project: ProjectRow,
): Promise<ApiAccess> {
  const asRole = call.as(project.definition.serviceRole!, 'AWSCodeBuild').invoke
  const credential = await credentialOf(call, { ...project.definition.source!, type }, asRole).catch(error => {
    if (error instanceof CredentialProblem) fail('InvalidInputException', error.message)
    throw error
  })
  if (!credential) {
    // AWS: verbatim (terraform-provider-aws pull request 2814).
    fail('ResourceNotFoundException', `Could not find access token for server type ${type.toLowerCase()}`)
  }
  return apiAccess({ type, api, insecure }, credential)
}

/** Does something at the provider. */
export async function atProvider<T>(what: 'create' | 'update' | 'delete', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    // AWS: verbatim for `create`.
    const reason = [401, 403, 404].includes(error.status)
      ? `Repository not found or permission denied. Please make sure the source credentials associated with your project have the permission to ${what} webhook.`
      : error.message
    return fail('OAuthProviderException', `Failed to ${what} webhook. ${reason}`)
  }
}

// When a project goes, its provider is told to send nothing any more: by a job, since the provider may be away, and the project is gone anyway.

import type { ProjectSource } from '@aws-sdk/client-codebuild'
import type { Call } from '../../../operation/call.ts'
import type { Task } from '../../../operation/service.ts'
import { findProject } from '../projects.ts'
import { apiAccess, CredentialProblem, credentialOf } from '../providers/credentials.ts'
import type { HookPlace } from '../providers/provider.ts'
import { providerOf } from '../providers/providerOf.ts'
import { ProviderError } from '../providers/request.ts'
import { findWebhook, type WebhookRow } from './webhooks.ts'

interface Leaving {
  readonly type: WebhookRow['source_type']
  readonly api: string
  readonly insecure: boolean
  readonly place: HookPlace
  readonly id: string
  readonly auth?: ProjectSource['auth']
  readonly role: string
}

const MOST_ATTEMPTS = 8

/** Before the project's row is deleted. */
export async function leaveProvider(call: Call, name: string): Promise<void> {
  const hook = await findWebhook(call.tx, call.scope, name)
  if (!hook?.hook_id) return
  const project = await findProject(call.tx, call.scope, name)
  const leaving: Leaving = {
    type: hook.source_type,
    api: hook.api,
    insecure: hook.insecure,
    place: hook.place,
    id: hook.hook_id,
    auth: project?.definition.source?.auth,
    role: project?.definition.serviceRole ?? '',
  }
  await call.addJob('deleteHook', { ...leaving }, { maxAttempts: MOST_ATTEMPTS })
}

export const deleteHook: Task = async (call, { type, api, insecure, place, id, auth, role }: Leaving) => {
  try {
    const credential = await credentialOf(call, { type, auth }, call.as(role, 'AWSCodeBuild').invoke)
    await providerOf(type).deleteHook(apiAccess({ type, api, insecure }, credential), place, id)
  } catch (error) {
    if (error instanceof ProviderError && error.passing) throw error
    if (!(error instanceof ProviderError) && !(error instanceof CredentialProblem)) throw error
    call.log.warn({ provider: type, reason: error.message }, 'the webhook of a deleted project stays at its provider')
  }
}

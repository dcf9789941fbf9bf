// A build (or a batch of them) that an event starts, with the variables by which its commands know why.

import type { Call } from '../../../operation/call.ts'
import type { WebhookBuild } from '../definition.ts'
import { overriddenDefinition } from '../overrides.ts'
import { takeNumber } from '../projects.ts'
import { enqueueBuild } from '../startBuild.ts'
import type { HookEvent } from './event.ts'
import type { WebhookRow } from './webhooks.ts'

// AWS: CODEBUILD_WEBHOOK_... [build-env-ref-env-vars].
export function hookVariables(event: HookEvent): Record<string, string> {
  const values = {
    CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID: event.actor,
    CODEBUILD_WEBHOOK_BASE_REF: event.baseRef,
    CODEBUILD_WEBHOOK_EVENT: event.type,
    CODEBUILD_WEBHOOK_HEAD_REF: event.headRef,
    CODEBUILD_WEBHOOK_MERGE_COMMIT: event.mergeCommit,
    CODEBUILD_WEBHOOK_PREV_COMMIT: event.prevCommit,
    CODEBUILD_WEBHOOK_TRIGGER: event.trigger,
  }
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1])))
}

/** The id of the build or batch; undefined when the project is gone. */
export async function startFromHook(
  call: Call,
  hook: WebhookRow,
  event: HookEvent,
  initiator: string,
): Promise<string | undefined> {
  // The events of an organization come from any of its repositories.
  const sourceLocationOverride = hook.place.kind === 'repository' ? undefined : event.cloneUrl
  const input = {
    projectName: hook.project,
    sourceVersion: event.sourceVersion,
    ...(sourceLocationOverride && { sourceLocationOverride }),
  }
  const webhook: WebhookBuild = {
    variables: hookVariables(event),
    ...(event.sha && { sha: event.sha }),
    ...(event.headRef && { headRef: event.headRef }),
    ...(event.isPublic && { isPublic: true }),
  }
  if (hook.definition.buildType === 'BUILD_BATCH') {
    const { buildBatch } = await call.asService.invoke('codebuild', 'StartBuildBatch', input)
    if (buildBatch?.id) await markBatch(call, buildBatch.id, { initiator, webhook })
    return buildBatch?.id
  }
  const project = await takeNumber(call.tx, call.scope, hook.project)
  // The project may have moved to another kind of source since.
  if (project?.definition.source?.type !== hook.source_type) return undefined
  // DEVIATES: over the project's limit the build waits; AWS drops it, and nobody starts it again.
  const definition = { ...overriddenDefinition(project, input, initiator), webhook }
  return (await enqueueBuild(call, project, definition, undefined, { waitOverLimit: true })).id
}

/** The batch just made in this transaction, and so each of its builds, was started by an event. */
async function markBatch(
  { tx, scope }: Call,
  id: string,
  more: { initiator: string; webhook: WebhookBuild },
): Promise<void> {
  await tx.run`
    update codebuild.batches set definition = definition || ${JSON.stringify(more)}::jsonb
    where account = ${scope.account} and region = ${scope.region} and id = ${id}`
}

// What a delivery does: builds that its events start, at once or, when the provider has to be asked first (changed files, a role), by a job
// that is tried again.

import { assertNever } from '../../../core/assertNever.ts'
import type { Call, OpenCall } from '../../../operation/call.ts'
import type { Task } from '../../../operation/service.ts'
import { statusContext } from '../commitStatus.ts'
import { findProject } from '../projects.ts'
import { apiAccess, CredentialProblem, credentialOf } from '../providers/credentials.ts'
import { providerOf } from '../providers/providerOf.ts'
import { type ApiAccess, ProviderError } from '../providers/request.ts'
import type { Approval, HookEvent } from './event.ts'
import { judge } from './filters.ts'
import { approverRoles, needsApproval } from './policy.ts'
import type { Delivery } from './readDelivery.ts'
import { startFromHook } from './startFromHook.ts'
import {
  endDelivery,
  findWebhook,
  forgetDeliveries,
  insertDelivery,
  lockDelivery,
  type WebhookRow,
} from './webhooks.ts'

export interface Outcome {
  readonly builds: readonly string[]
  /** Something is still to be asked. */
  readonly waiting: boolean
  readonly notes: readonly string[]
}

interface Waiting {
  readonly initiator: string
  readonly events: readonly HookEvent[]
  readonly approvals: readonly Approval[]
}

const KEPT_MS = 30 * 24 * 3_600_000
const MOST_ATTEMPTS = 10

/** In one transaction: a delivery that was there before changes nothing. */
export async function deliver(call: Call, hook: WebhookRow, { id, initiator, delivered }: Delivery): Promise<Outcome> {
  const builds: string[] = []
  const notes: string[] = []
  const asking: HookEvent[] = []
  const building: HookEvent[] = []
  const approvals: Approval[] = []
  for (const one of delivered) {
    switch (one.kind) {
      case 'ignored':
      case 'malformed':
        notes.push(one.why)
        break
      case 'approval':
        approvals.push(one.approval)
        break
      case 'event': {
        const why = reasonAgainst(hook, one.event)
        const verdict = why ? ({ kind: 'no', why } as const) : judge(hook.definition, one.event)
        if (verdict.kind === 'no') notes.push(verdict.why)
        else if (verdict.kind === 'ask' || needsApproval(hook.definition, one.event)) asking.push(one.event)
        else building.push(one.event)
        break
      }
      default:
        assertNever(one)
    }
  }
  const waits = asking.length > 0 || approvals.length > 0
  const waiting: Waiting | undefined = waits ? { initiator, events: asking, approvals } : undefined
  await forgetDeliveries(call.tx, hook, new Date(call.now.getTime() - KEPT_MS))
  if (!(await insertDelivery(call.tx, hook, id, { now: call.now, waiting }))) {
    return { builds: [], waiting: false, notes: ['delivered before'] }
  }
  for (const event of building) {
    const build = await startFromHook(call, hook, event, initiator)
    if (build) builds.push(build)
  }
  if (waits)
    await call.addJob('webhookDelivery', { project: hook.project, delivery: id }, { maxAttempts: MOST_ATTEMPTS })
  return { builds, waiting: waits, notes }
}

/** What is not for this project at all. */
function reasonAgainst({ place, project }: WebhookRow, event: HookEvent): string | undefined {
  if (place.kind === 'repository' && place.path.toLowerCase() !== event.repository.toLowerCase()) {
    return `the event is of ${event.repository}, not of ${place.path}`
  }
  // AWS: the job's label names the project: `codebuild-PROJECT-RUN-ATTEMPT` [action-runner].
  // DEVIATES: the project's own buildspec runs; a runner of GitHub Actions is not installed.
  if (event.type === 'WORKFLOW_JOB_QUEUED' && !event.labels?.some(label => label.startsWith(`codebuild-${project}-`))) {
    return `no label of the job begins with codebuild-${project}-`
  }
  return undefined
}

/** Asks the provider what a delivery waits for, and goes on. */
export const webhookDelivery: Task = async (call, { project, delivery }: { project: string; delivery: string }) => {
  const hook = await call.read(({ tx, scope }) => findWebhook(tx, scope, project))
  const waiting = await call.transaction(({ tx, scope }) => lockDelivery<Waiting>(tx, scope, project, delivery))
  if (!hook || !waiting) return
  const found = await answers(call, hook, waiting).catch(error => {
    if (error instanceof CredentialProblem || (error instanceof ProviderError && !error.passing)) {
      // Nothing gets better by asking again; the provider's list of deliveries can send it once more under a new id.
      call.log.warn(
        { project, delivery, reason: error.message },
        'a webhook delivery builds nothing: its provider gives no answer',
      )
      return undefined
    }
    throw error
  })
  await call.transaction(async inner => {
    if (!(await lockDelivery<Waiting>(inner.tx, inner.scope, project, delivery))) return
    for (const event of found?.building ?? []) await startFromHook(inner, hook, event, waiting.initiator)
    for (const event of found?.refused ?? []) await keepForApproval(inner, hook, event, waiting.initiator)
    for (const { number, sha } of found?.approved ?? []) await startApproved(inner, hook, approvalKey(number, sha))
    await endDelivery(inner.tx, inner.scope, project, delivery)
  })
}

interface Answers {
  readonly building: HookEvent[]
  readonly refused: HookEvent[]
  readonly approved: Approval[]
}

async function answers(call: OpenCall, hook: WebhookRow, { events, approvals }: Waiting): Promise<Answers> {
  const access = await accessOf(call, hook)
  const provider = providerOf(hook.source_type)
  const found: Answers = { building: [], refused: [], approved: [] }
  const mayApprove = async (repository: string, user: string) => {
    const role = await provider.roleOf(access, repository, user).catch(error => {
      // Nobody's collaborator, or nothing that we may ask.
      if (error instanceof ProviderError && !error.passing) return undefined
      throw error
    })
    return role !== undefined && approverRoles(hook.definition, hook.source_type).has(role)
  }
  for (const event of events) {
    const whole = await complete(hook, event, access)
    if (judge(hook.definition, whole).kind !== 'build') continue
    if (!needsApproval(hook.definition, whole) || (await mayApprove(whole.repository, whole.pull!.author))) {
      found.building.push(whole)
      continue
    }
    found.refused.push(whole)
    await sayRefused(call, hook, whole, access)
  }
  const repository = hook.place.kind === 'repository' ? hook.place.path : undefined
  for (const approval of approvals) {
    if (repository !== undefined && (await mayApprove(repository, approval.author))) found.approved.push(approval)
  }
  return found
}

/** The event with what its filters want to know. */
async function complete(hook: WebhookRow, event: HookEvent, access: ApiAccess): Promise<HookEvent> {
  const verdict = judge(hook.definition, event)
  if (verdict.kind !== 'ask') return event
  const provider = providerOf(hook.source_type)
  let whole = event
  if (verdict.questions.includes('files')) whole = { ...whole, files: await provider.changedFiles(access, event) }
  if (verdict.questions.includes('message') && event.sha) {
    whole = { ...whole, message: await provider.commitMessage(access, event.repository, event.sha) }
  }
  return whole
}

async function accessOf(call: OpenCall, hook: WebhookRow): Promise<ApiAccess> {
  const project = await call.read(({ tx, scope }) => findProject(tx, scope, hook.project))
  const asRole = call.as(project?.definition.serviceRole ?? '', 'AWSCodeBuild').invoke
  const source = { ...project?.definition.source, type: hook.source_type }
  return apiAccess(
    { type: hook.source_type, api: hook.api, insecure: hook.insecure },
    await credentialOf(call, source, asRole),
  )
}

const approvalKey = (number: number, sha: string) => `approval/${number}/${sha}`

async function keepForApproval(call: Call, hook: WebhookRow, event: HookEvent, initiator: string): Promise<void> {
  const waiting: Waiting = { initiator, events: [event], approvals: [] }
  await insertDelivery(call.tx, hook, approvalKey(event.pull!.number, event.sha ?? ''), { now: call.now, waiting })
}

async function startApproved(call: Call, hook: WebhookRow, key: string): Promise<void> {
  const kept = await lockDelivery<Waiting>(call.tx, call.scope, hook.project, key)
  if (!kept) return
  for (const event of kept.events) await startFromHook(call, hook, event, kept.initiator)
  await endDelivery(call.tx, call.scope, hook.project, key)
}

// AWS: the status becomes failed with this sentence [pull-request-build-policy].
async function sayRefused(call: OpenCall, hook: WebhookRow, event: HookEvent, access: ApiAccess): Promise<void> {
  if (!event.sha) return
  try {
    await providerOf(hook.source_type).setStatus(access, event.repository, event.sha, {
      state: 'failure',
      context: statusContext(hook.region, hook.project),
      description: 'Pull request approval required for starting a build',
      targetUrl: call.config.endpoint,
    })
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    call.log.warn({ project: hook.project, reason: error.message }, 'a refused pull request could not be marked')
  }
}

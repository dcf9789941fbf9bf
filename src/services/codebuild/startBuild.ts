// Puts a new build into the queue: numbered, announced, and known to the builders when the transaction commits.

import type { Call } from '../../operation/call.ts'
import { type Principal, principalArn } from '../../operation/principal.ts'
import { notify } from '../../store/tx.ts'
import { carryOut, emitState, QUEUE_CHANNEL } from './announce.ts'
import { type BuildRow, countOpenBuilds, insertBuild } from './builds.ts'
import type { BuildDefinition } from './definition.ts'
import { fail } from './errors.ts'
import { fleetNotes, fleetOf, onFleet } from './fleets/environment.ts'
import { kindOf } from './fleets/kind.ts'
import { checkQueue } from './fleets/limits.ts'
import { submitted } from './machine.ts'
import type { ProjectRow } from './projects.ts'

export interface EnqueueOptions {
  /** Over the project's limit the build waits for its turn instead of being refused: a part of something larger. */
  readonly waitOverLimit?: boolean
  /** The id that the build has to have. */
  readonly id?: string
}

/** `project` is locked by the caller, and its `last_number` is this build's. */
export async function enqueueBuild(
  call: Call,
  project: ProjectRow,
  wanted: BuildDefinition,
  token?: string,
  { waitOverLimit = false, id = `${project.name}:${call.ids.uuid()}` }: EnqueueOptions = {},
): Promise<BuildRow> {
  const { account, region } = call.scope
  const notes = await fleetNotes(call, wanted.environment!)
  const environment = await onFleet(call, wanted.environment!)
  const definition = { ...wanted, environment, ...(notes.length > 0 && { fleetNotes: notes }) }
  const fleet = fleetOf(call.scope, definition.environment)
  const kind = kindOf(definition.environment)
  if (fleet === undefined) await checkQueue(call, kind)
  const limit = project.definition.concurrentBuildLimit
  if (limit && !waitOverLimit && (await countOpenBuilds(call.tx, call.scope, project.name)) >= limit) {
    // AWS: over the project's limit a build is refused, over the account's it waits [builds-working].
    fail(
      'AccountLimitExceededException',
      `Cannot have more than ${limit} concurrent builds for the project ${project.name}`,
    )
  }
  const row: BuildRow = {
    account,
    region,
    id,
    project: project.name,
    number: project.last_number,
    status: 'IN_PROGRESS',
    started_at: call.now,
    ended_at: null,
    definition,
    progress: submitted(call.now),
    outputs: {},
    idempotency_token: token ?? null,
    stop_requested: false,
    lease_owner: null,
    fleet: fleet ?? null,
  }
  await insertBuild(call.tx, row, { kind, ...(limit && waitOverLimit && { queueLimit: limit }) })
  await emitState(call, row)
  await carryOut(call, row, [{ type: 'phaseEnded', phase: row.progress.phases[0]! }])
  const wait = (definition.queuedTimeoutInMinutes ?? 480) * 60_000
  await call.addJob(
    'queueTimeout',
    { id: row.id },
    { runAt: new Date(call.now.getTime() + wait), jobKey: `queue:${account}:${region}:${row.id}` },
  )
  await notify(call.tx, QUEUE_CHANNEL, '')
  return row
}

// AWS: `codepipeline/NAME` for a pipeline, a user's name, `ROLE/SESSION` for a role's session [build-env-ref-env-vars].
/** Who CODEBUILD_INITIATOR names. A pipeline calls with a session named after it. */
export function initiatorOf(principal: Principal): string {
  switch (principal.type) {
    case 'user':
      return principal.userName
    case 'assumedRole':
      if (principal.session.issuedTo === 'codepipeline.amazonaws.com') return `codepipeline/${principal.sessionName}`
      return `${principal.roleArn.split('/').at(-1)}/${principal.sessionName}`
    case 'root':
      return 'root'
    default:
      return principalArn(principal)
  }
}

// Jobs of batches: begin, read the buildspec, hear that a build ended, combine artifacts, end in time. Each may run twice.

import { BuildFailure } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { Task } from '../../../operation/service.ts'
import { type BuildRow, findBuild } from '../builds.ts'
import { advanceBatch } from './advance.ts'
import { findBatch } from './batches.ts'
import { combineParts } from './combineParts.ts'
import { type BatchEvent, currentPhase } from './machine.ts'
import { readBatchspec } from './readBatchspec.ts'

type Moment = Extract<BatchEvent['type'], 'begun' | 'looked' | 'timedOut'>

const moveBatch: Task = (call, { id, event }: { id: string; event: Moment }) =>
  call.transaction(async inner => {
    await advanceBatch(inner, id, { type: event })
  })

const batchMemberEnded: Task = (call, { batch, build }: { batch: string; build: string }) =>
  call.transaction(async inner => {
    for (let next: string | null | undefined = build; next; ) {
      const row: BuildRow | undefined = await findBuild(inner.tx, inner.scope, next)
      if (!row || row.status === 'IN_PROGRESS') return
      const { id, status, next_retry: by } = row
      await advanceBatch(
        inner,
        batch,
        by ? { type: 'replaced', build: id, status, by } : { type: 'ended', build: id, status },
      )
      // What took its place may have ended before the batch knew of it.
      next = by
    }
  })

const downloadBatchspec: Task = async (call, { id }: { id: string }) => {
  const row = await call.read(({ tx, scope }) => findBatch(tx, scope, id))
  if (!row || currentPhase(row.state) !== 'DOWNLOAD_BATCHSPEC') return
  const event = await readBatchspec(call, row).then(
    (read): BatchEvent => ({ type: 'specRead', ...read }),
    (error): BatchEvent => ({ type: 'specFailed', ...failureOf(error) }),
  )
  await call.transaction(async inner => {
    await advanceBatch(inner, id, event)
  })
}

const combineArtifacts: Task = async (call, { id }: { id: string }) => {
  const row = await call.read(({ tx, scope }) => findBatch(tx, scope, id))
  if (!row || currentPhase(row.state) !== 'COMBINE_ARTIFACTS') return
  const { event, artifact } = await combineParts(call, row).then(
    combined => ({ event: { type: 'combined' } satisfies BatchEvent, artifact: combined }),
    error => ({ event: { type: 'combineFailed', ...failureOf(error) } satisfies BatchEvent, artifact: null }),
  )
  await call.transaction(async inner => {
    await advanceBatch(inner, id, event, artifact ? { artifact } : {})
  })
}

/** A failure of the user's making ends the batch; anything else is tried again by the job. */
function failureOf(error: unknown): { status: 'FAILED'; context: { statusCode: string; message: string } } {
  if (error instanceof BuildFailure) return { status: 'FAILED', context: error.context }
  if (isServiceError(error) && (error.status ?? 400) < 500) {
    const statusCode = /AccessDenied|NotAuthorized/.test(error.code) ? 'ACCESS_DENIED' : 'CLIENT_ERROR'
    return { status: 'FAILED', context: { statusCode, message: error.message } }
  }
  throw error
}

export const batchTasks = { moveBatch, batchMemberEnded, downloadBatchspec, combineArtifacts }

// Builds that are started again by themselves: as often as the project says after a failure, and once when the machine was lost.

import { isServiceError } from '../../../core/serviceError.ts'
import type { Call } from '../../../operation/call.ts'
import type { BuildRow } from '../builds.ts'
import { takeNumber } from '../projects.ts'
import { enqueueBuild } from '../startBuild.ts'

/** Starts the build instead of `ended`, in the transaction that ends it. */
export async function retryAutomatically(call: Call, ended: BuildRow): Promise<void> {
  if (!mayBeRetried(ended)) return
  const project = await takeNumber(call.tx, call.scope, ended.project)
  if (!project) return
  const { autoRetryNumber = 0, ...definition } = ended.definition
  const again = { ...definition, autoRetryNumber: autoRetryNumber + 1, previousAutoRetry: ended.id }
  try {
    const { id } = await call.tx.nested(() => enqueueBuild(call, project, again, undefined, { waitOverLimit: true }))
    await call.tx.run`
      update codebuild.builds set next_retry = ${id}
      where account = ${ended.account} and region = ${ended.region} and id = ${ended.id}`
  } catch (error) {
    // The queue is full, or its fleet is gone: the end stands.
    if (!isServiceError(error)) throw error
    call.log.warn({ err: error, build: ended.id }, 'a build could not be retried')
  }
}

// AWS: up to the limit "after a failed build" [autoRetryLimit]; a pipeline retries its actions itself.
// DEVIATES: AWS calls RetryBuild with the project's service role [auto-retry-build]; here no role needs that permission.
function mayBeRetried({ status, progress, definition }: BuildRow): boolean {
  const { autoRetryNumber = 0, autoRetryLimit = 0, source } = definition
  if (progress.environmentLost && status === 'FAULT') return autoRetryNumber < Math.max(1, autoRetryLimit)
  const failed = status === 'FAILED' || status === 'TIMED_OUT' || status === 'FAULT'
  return failed && source?.type !== 'CODEPIPELINE' && autoRetryNumber < autoRetryLimit
}

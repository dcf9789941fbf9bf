// The S3 log of one build from its first line to the stored object: checked before anything runs, saved with the progress, and stored before
// the build is over, so that whoever hears of the end finds the log.

import type { Progress } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { BuildRow } from '../builds.ts'
import { s3LogOf } from '../shape.ts'
import { sessionName } from './credentials.ts'
import { checkS3Log, openS3Log, refusal, type S3Log } from './s3Log.ts'

export interface BuildObject extends Pick<S3Log, 'write'> {
  /** `progress` with how much of the log is kept; when the build is over, with why the log could not be stored, if so. */
  saved(progress: Progress): Promise<Progress>
  /** `over`: what is kept is not needed any more. */
  close(over: boolean): Promise<void>
}

/** Undefined when the build's log does not go to S3. Fails when it could not be stored. */
export async function openBuildObject(row: BuildRow, call: () => OpenCall): Promise<BuildObject | undefined> {
  if (!s3LogOf(row)) return undefined
  const asRole = () => call().as(row.definition.serviceRole!, sessionName(row)).invoke
  const { keptLog } = row.progress
  if (keptLog === undefined) await checkS3Log(row, asRole(), call().asService.invoke)
  const log = await openS3Log(row, call().config.dataDir, keptLog ?? 0)
  return {
    write: text => log.write(text),
    async saved(progress) {
      const kept = { ...progress, keptLog: await log.flush() }
      if (progress.state.phase !== 'COMPLETED') return kept
      try {
        await log.store(asRole())
        return kept
      } catch (error) {
        // The database is away: the build is taken up again, and so is this.
        if (isServiceError(error, 'ServiceUnavailable')) throw error
        call().log.warn({ err: error, build: row.id }, "a build's log was not stored in S3")
        return { ...kept, phases: withReason(kept, { statusCode: 'ACCESS_DENIED', message: refusal(row, error) }) }
      }
    },
    close: over => log.close(over),
  }
}

/** What the build did stays what it is: only its last phase says that the log is missing. */
function withReason({ phases }: Progress, context: { statusCode: string; message: string }): Progress['phases'] {
  return phases.map((phase, at) =>
    at === phases.length - 2 ? { ...phase, contexts: [...(phase.contexts ?? []), context] } : phase,
  )
}

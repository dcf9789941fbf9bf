// BatchGetBuilds: builds by id or ARN, in the order asked for; ARNs may be of accounts that share the project.

import type { Build } from '@aws-sdk/client-codebuild'
import type { Handler } from '../../../../operation/handler.ts'
import { findBuilds } from '../../builds.ts'
import { buildArn, buildId } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { type Waiting, waitingBuilds } from '../../fleets/queue.ts'
import { reportArnsOf } from '../../reports.ts'
import { buildShape } from '../../shape.ts'
import { byOwner } from '../../sharing/owner.ts'

export const batchGetBuilds: Handler<'codebuild', 'BatchGetBuilds'> = async (call, input) => {
  if (input.ids.some(id => !id.includes(':'))) fail('InvalidInputException', 'Invalid build ID provided')
  const found = new Map<string, Build>()
  for (const { scope, items } of byOwner(call.scope, input.ids)) {
    const rows = new Map(
      (
        await findBuilds(
          call.tx,
          scope,
          items.map(id => buildId(scope, id)),
        )
      ).map(row => [row.id, row]),
    )
    const executions = [...rows.keys()].map(id => buildArn(scope, id))
    const reports = await reportArnsOf(call.tx, scope, executions)
    const queued = [...rows.values()].filter(({ progress }) => progress.state.phase === 'QUEUED').map(({ id }) => id)
    const waiting = queued.length > 0 ? await waitingBuilds(call.tx, scope, queued) : undefined
    for (const item of items) {
      const row = rows.get(buildId(scope, item))
      if (row) found.set(item, withReports(withPlace(buildShape(row), waiting?.get(row.id)), reports))
    }
  }
  return {
    builds: input.ids.flatMap(id => found.get(id) ?? []),
    buildsNotFound: input.ids.filter(id => !found.has(id)),
  }
}

const withReports = (build: Build, reports: ReadonlyMap<string, string[]>): Build => {
  const reportArns = reports.get(build.arn!)
  return reportArns ? { ...build, reportArns } : build
}

// DEVIATES: on AWS the QUEUED phase of a waiting build has no context; here it says where the build stands and what it waits for.
function withPlace(build: Build, waiting: Waiting | undefined): Build {
  if (!waiting) return build
  const { position, of, reason } = waiting
  const contexts = [{ statusCode: 'QUEUED', message: `Position ${position} of ${of} in the queue: ${reason}` }]
  const phases = build.phases?.map(phase => (phase.phaseType === 'QUEUED' ? { ...phase, contexts } : phase))
  return { ...build, ...(phases && { phases }) }
}

// What the provider is told of a batch as a whole: that it began and how it ended.

import type { EventRecord } from '../../operation/call.ts'
import type { Subscription, Task } from '../../operation/service.ts'
import { BATCH_EVENT } from './batches/advance.ts'
import { findBatch } from './batches/batches.ts'
import { commitStatus, follow, isIndividual, type Reported, reports } from './commitStatus.ts'
import { batchId } from './definition.ts'

const batchCommitStatus: Task = (call, { detail }: EventRecord) =>
  follow(call, async ({ tx, scope }) => {
    const row = await findBatch(tx, scope, batchId(scope, detail['build-batch-id']))
    if (!row || isIndividual(row)) return undefined
    const batch: Reported = { ...row, resolvedVersion: row.state.resolvedVersion }
    return reports(batch) ? batch : undefined
  })

export const statusTasks = { batchCommitStatus, commitStatus }
export const statusSubscriptions: readonly Subscription[] = [{ ...BATCH_EVENT, task: 'batchCommitStatus' }]

// BatchGetApplicationRevisions: those that are registered; the number of the others is in errorMessage.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { limitBatch } from '../../paging.ts'
import { findRevisions, genericRevisionInfo, readRevision, revisionKey } from '../../revisions.ts'

export const batchGetApplicationRevisions: Handler<'codedeploy', 'BatchGetApplicationRevisions'> = async (
  { tx, scope },
  input,
) => {
  limitBatch(input.revisions, 25)
  const application = await findApplication(tx, scope, input.applicationName)
  const keys = [...new Set(input.revisions.map(revision => revisionKey(readRevision(revision))))]
  const rows = await findRevisions(tx, application, keys)
  const missing = keys.length - rows.length
  return {
    applicationName: application.name,
    revisions: rows.map(row => ({ revisionLocation: row.location, genericRevisionInfo: genericRevisionInfo(row) })),
    errorMessage: missing > 0 ? `${missing} of the revisions are not registered for the application.` : undefined,
  }
}

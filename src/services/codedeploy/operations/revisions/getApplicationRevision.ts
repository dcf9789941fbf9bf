// GetApplicationRevision: when it was registered and used, and whose target it is.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { fail } from '../../errors.ts'
import { findRevisions, genericRevisionInfo, readRevision, revisionKey } from '../../revisions.ts'

export const getApplicationRevision: Handler<'codedeploy', 'GetApplicationRevision'> = async ({ tx, scope }, input) => {
  const application = await findApplication(tx, scope, input.applicationName)
  const [row] = await findRevisions(tx, application, [revisionKey(readRevision(input.revision))])
  if (!row) fail('RevisionDoesNotExistException', 'No such revision is registered for the application.')
  return { applicationName: application.name, revision: row!.location, revisionInfo: genericRevisionInfo(row!) }
}

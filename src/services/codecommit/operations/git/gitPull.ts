// Opens a repository for a fetch: the permission is GitPull's, the directory shows what the rows say when this answers.

import type { Handler } from '../../../../operation/handler.ts'
import { referenceRows } from '../../references.ts'
import { requireRepository } from '../../repositories.ts'
import { gitOf } from '../../store.ts'

export const gitPull: Handler<'codecommit', 'GitPull'> = async (call, { repositoryName }) => {
  const { id, ref_version } = await requireRepository(call, repositoryName)
  await gitOf(call.config)
    .repository(id)
    .project(ref_version, () => referenceRows(call.tx, id))
  return { repositoryId: id }
}

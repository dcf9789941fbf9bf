// A push's two questions, as AWS asks and records them: may it begin (and what is there), and then the change of the references.

import type { Handler } from '../../../../operation/handler.ts'
import { changeReferences } from '../../changeReferences.ts'
import { allReferences, referenceRows } from '../../references.ts'
import { requireRepository } from '../../repositories.ts'
import { gitOf } from '../../store.ts'

export const gitPush: Handler<'codecommit', 'GitPush'> = async (call, { repositoryName, references, atomic }) => {
  const { id, ref_version } = await requireRepository(call, repositoryName)
  if (references === undefined) {
    // The connectivity check leaves out what the directory's references reach: the newer they are, the less there is to do.
    await gitOf(call.config)
      .repository(id)
      .project(ref_version, () => referenceRows(call.tx, id))
    const there = await allReferences(call.tx, id)
    return { repositoryId: id, references: there.map(({ name, id: commit }) => ({ name, id: commit })) }
  }
  const changes = references.map(({ ref, commit, oldCommit, type, peeled }) => ({
    name: ref,
    old: oldCommit,
    new: commit,
    ...(type && { type }),
    ...(peeled && { peeled }),
  }))
  const results = await changeReferences(call, id, changes, { atomic: atomic ?? false })
  return {
    repositoryId: id,
    results: results.map(result => ({
      ref: result.name,
      ...(result.status === 'rejected' && { reason: result.reason }),
    })),
  }
}

// Where a pull request comes from and goes to: two branches of one repository.

import type { Target } from '@aws-sdk/client-codecommit'
import { isObjectId, isReferenceName } from '../../../git/index.ts'
import type { Call } from '../../../operation/call.ts'
import { fail, refuse } from '../errors.ts'
import { branchRef, findReferences, tagRef } from '../references.ts'
import { lockRepository, type RepositoryRow, requireRepository } from '../repositories.ts'

export interface Side {
  /** refs/heads/feature */
  readonly reference: string
  readonly commit: string
}

/** The one target that a pull request may have. */
export function onlyTarget(targets: readonly Target[]): Target {
  const [target] = targets
  if (!target) return refuse('TargetsRequiredException')
  if (new Set(targets.map(({ repositoryName }) => repositoryName)).size > 1) {
    return refuse('MultipleRepositoriesInPullRequestException')
  }
  return targets.length > 1 ? refuse('InvalidTargetsException') : target
}

/** The repository, its row held, so that tips stay. */
export async function holdRepository(call: Call, target: Target): Promise<RepositoryRow> {
  const { id } = await requireRepository(call, target.repositoryName)
  const repository = await lockRepository(call.tx, id)
  return repository ?? fail('RepositoryDoesNotExistException', `${target.repositoryName} does not exist`)
}

/** Without a destination it is the default branch. */
export async function betweenBranches(
  call: Call,
  repository: RepositoryRow,
  target: Target,
): Promise<{ readonly source: Side; readonly destination: Side }> {
  const source = await branch(call, repository, target.sourceReference)
  const destination = await branch(call, repository, target.destinationReference ?? repository.default_branch)
  if (source.reference === destination.reference) refuse('SourceAndDestinationAreSameException')
  return { source, destination }
}

/** A branch by its short or its full name. AWS: other references are of no supported type. */
async function branch(call: Call, repository: RepositoryRow, name: string | null | undefined): Promise<Side> {
  if (!name) return refuse('ReferenceNameRequiredException')
  const reference = name.startsWith('refs/') ? name : branchRef(name)
  if (!isReferenceName(reference)) return refuse('InvalidReferenceNameException')
  if (!reference.startsWith('refs/heads/')) return refuse('ReferenceTypeNotSupportedException')
  const [found] = await findReferences(call.tx, repository.id, [reference])
  if (found) return { reference, commit: found.object_id }
  const [tag] = isObjectId(name) ? [name] : await findReferences(call.tx, repository.id, [tagRef(name)])
  return refuse(tag ? 'ReferenceTypeNotSupportedException' : 'ReferenceDoesNotExistException')
}

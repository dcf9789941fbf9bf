// References as rows, and what a name of a commit (branch, tag, HEAD, id) means.

import { isObjectId, isReferenceName, type Reference, type ReferenceRows } from '../../git/index.ts'
import type { Tx } from '../../store/tx.ts'
import type { RepositoryRow } from './repositories.ts'

export interface ReferenceRow {
  readonly name: string
  readonly object_id: string
  readonly peeled_id: string | null
}

export const branchRef = (branch: string) => `refs/heads/${branch}`
export const tagRef = (tag: string) => `refs/tags/${tag}`

export async function findReferences(tx: Tx, repositoryId: string, names: readonly string[]): Promise<ReferenceRow[]> {
  return tx.rows<ReferenceRow>`
    select name, object_id, peeled_id from codecommit.refs
    where repository_id = ${repositoryId} and name = any(${names}::text[])`
}

/** The commit at a branch's tip. */
export async function branchTip(tx: Tx, repositoryId: string, branch: string): Promise<string | undefined> {
  return (await findReferences(tx, repositoryId, [branchRef(branch)]))[0]?.object_id
}

/** Names of branches, short, after `after`. */
export async function listBranches(tx: Tx, repositoryId: string, after: string, limit: number): Promise<string[]> {
  const rows = await tx.rows<{ name: string }>`
    select name from codecommit.refs
    where repository_id = ${repositoryId} and name > ${branchRef(after)} and name < 'refs/heads0'
    order by name limit ${limit}`
  return rows.map(({ name }) => name.slice('refs/heads/'.length))
}

export async function allReferences(tx: Tx, repositoryId: string): Promise<Reference[]> {
  const rows = await tx.rows<ReferenceRow>`
    select name, object_id, peeled_id from codecommit.refs where repository_id = ${repositoryId} order by name`
  return rows.map(({ name, object_id, peeled_id }) => ({
    name,
    id: object_id,
    ...(peeled_id !== null && { peeled: peeled_id }),
  }))
}

export async function hasReferences(tx: Tx, repositoryId: string): Promise<boolean> {
  return (await tx.one`select 1 from codecommit.refs where repository_id = ${repositoryId} limit 1`) !== undefined
}

/** Everything that git shows of a repository. The version is read first: references may be newer than it says, never older. */
export async function referenceRows(tx: Tx, repositoryId: string): Promise<ReferenceRows> {
  const row = await tx.one<Pick<RepositoryRow, 'ref_version' | 'default_branch'>>`
    select ref_version, default_branch from codecommit.repositories where id = ${repositoryId}`
  if (!row) throw new Error(`the repository ${repositoryId} was deleted meanwhile`)
  return {
    version: row.ref_version,
    head: branchRef(row.default_branch ?? 'main'),
    references: await allReferences(tx, repositoryId),
  }
}

export type Specified = { readonly id: string } | 'malformed' | 'unknown'

/**
 * A commit specifier: `HEAD`, a full reference, a tag, a branch (tags first, as git does), or a full id. An id is only known
 * to be well formed: whether it names a commit is for the objects to say.
 */
export async function resolveSpecifier(tx: Tx, repository: RepositoryRow, specifier: string): Promise<Specified> {
  if (isObjectId(specifier)) return { id: specifier }
  if (specifier === 'HEAD') {
    const tip = repository.default_branch && (await branchTip(tx, repository.id, repository.default_branch))
    return tip ? { id: tip } : 'unknown'
  }
  const names = [specifier, `refs/${specifier}`, tagRef(specifier), branchRef(specifier)].filter(isReferenceName)
  if (names.length === 0) return 'malformed'
  const found = await findReferences(tx, repository.id, names)
  const [best] = names.flatMap(name => found.find(row => row.name === name) ?? [])
  return best ? { id: best.peeled_id ?? best.object_id } : 'unknown'
}

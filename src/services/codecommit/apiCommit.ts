// Commits made through the API: what the branch must look like before, whose name they carry, and how the branch moves.

import { assertNever } from '../../core/assertNever.ts'
import {
  isBranchName,
  isObjectId,
  type NewObject,
  type Repository,
  signature,
  TreeConflict,
  type TreeEdit,
  ZERO_ID,
} from '../../git/index.ts'
import type { Call } from '../../operation/call.ts'
import type { Principal } from '../../operation/principal.ts'
import { changeReferences } from './changeReferences.ts'
import { fail, refuse } from './errors.ts'
import { branchRef, branchTip, findReferences, hasReferences, tagRef } from './references.ts'
import type { RepositoryRow } from './repositories.ts'

export interface Authorship {
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly message?: string | undefined
}

// AWS: user names up to 1,024, email addresses up to 256 characters [limits]; commit messages up to 256 KB [CreateCommit].
export function checkAuthorship({ name = '', email = '', message = '' }: Authorship): void {
  if (name.length > 1024) refuse('NameLengthExceededException')
  if (email.length > 256 || /[<>\n]/.test(email)) refuse('InvalidEmailException')
  if (Buffer.byteLength(message) > 256 * 1024) refuse('CommitMessageLengthExceededException')
}

/** AWS: without a name the commit is by the IAM user, or by the session of the role. */
export function authorName(principal: Principal): string {
  switch (principal.type) {
    case 'root':
    case 'anonymous':
      return 'root'
    case 'user':
      return principal.userName
    case 'assumedRole':
      return principal.sessionName
    case 'service':
      return principal.service
    default:
      return assertNever(principal)
  }
}

/** The tip that a commit goes on; undefined when it is the first commit of an empty repository. */
export async function parentOf(
  call: Call,
  repository: RepositoryRow,
  directory: Repository,
  { branchName, parentCommitId }: { branchName: string; parentCommitId?: string | undefined },
): Promise<string | undefined> {
  if (!isBranchName(branchName)) refuse('InvalidBranchNameException')
  if (parentCommitId !== undefined && !isObjectId(parentCommitId)) refuse('InvalidParentCommitIdException')
  const tip = await branchTip(call.tx, repository.id, branchName)
  if (tip === undefined) {
    const [tag] = await findReferences(call.tx, repository.id, [tagRef(branchName)])
    if (tag) refuse('BranchNameIsTagNameException')
    if (await hasReferences(call.tx, repository.id)) {
      fail('BranchDoesNotExistException', `Branch ${branchName} does not exist`)
    }
    if (parentCommitId !== undefined) refuse('ParentCommitDoesNotExistException')
    return undefined
  }
  if (parentCommitId === undefined) refuse('ParentCommitIdRequiredException')
  if (parentCommitId !== tip) {
    const known = await directory.commit(parentCommitId!)
    refuse(known ? 'ParentCommitIdOutdatedException' : 'ParentCommitDoesNotExistException')
  }
  return tip
}

/** Puts a file, its conflicts told in CodeCommit's exceptions. */
export async function putFile(edit: TreeEdit, path: string, entry: { mode: string; id: string }): Promise<void> {
  try {
    await edit.put(path, entry)
  } catch (error) {
    if (!(error instanceof TreeConflict)) throw error
    switch (error.conflict) {
      case 'isDirectory':
        return refuse('FileNameConflictsWithDirectoryNameException')
      case 'parentIsFile':
        return refuse('DirectoryNameConflictsWithFileNameException')
      case 'inSubmodule':
        return refuse('FilePathConflictsWithSubmodulePathException')
      default:
        return assertNever(error.conflict)
    }
  }
}

/** AWS: a folder's own listing may have at most 6 MB. */
const MOST_TREE_BYTES = 6 * 1024 * 1024

export interface CommitPlan extends Authorship {
  readonly repository: RepositoryRow
  readonly directory: Repository
  readonly branchName: string
  readonly tip: string | undefined
  readonly edit: TreeEdit
  readonly blobs: readonly NewObject[]
  readonly message: string
}

/** Stores the commit and moves the branch from the tip that was checked; somebody faster makes the parent outdated. */
export async function commitEdit(call: Call, plan: CommitPlan): Promise<{ commitId: string; treeId: string }> {
  const { repository, directory, tip } = plan
  const tree = plan.edit.write()
  if (tree.objects.some(({ content }) => content.length > MOST_TREE_BYTES)) {
    refuse('FolderContentSizeLimitExceededException')
  }
  const author = signature(plan.name || authorName(call.principal), plan.email ?? '', call.now)
  const commitId = await directory.writeCommit(
    { tree: tree.id, parents: tip ? [tip] : [], author, committer: author, message: plan.message },
    [...plan.blobs, ...tree.objects],
  )
  const [result] = await changeReferences(call, repository.id, [
    { name: branchRef(plan.branchName), old: tip ?? ZERO_ID, new: commitId, type: 'commit' },
  ])
  if (result?.status === 'rejected') {
    const now = await branchTip(call.tx, repository.id, plan.branchName)
    if (now !== tip) refuse('ParentCommitIdOutdatedException')
    fail('InvalidBranchNameException', `${plan.branchName} ${result.reason}`)
  }
  return { commitId, treeId: tree.id }
}

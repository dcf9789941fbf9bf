// CodeCommit: repositories whose references are rows and whose objects git keeps. Every operation of its model, and why some
// are not there.

import { allNotSupported, defineService, notSupported, open, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { constraintError } from './errors.ts'
import { gitWorker } from './gitWorker.ts'
import { createBranch } from './operations/branches/createBranch.ts'
import { deleteBranch } from './operations/branches/deleteBranch.ts'
import { getBranch } from './operations/branches/getBranch.ts'
import { listBranches } from './operations/branches/listBranches.ts'
import { updateDefaultBranch } from './operations/branches/updateDefaultBranch.ts'
import { batchGetCommits } from './operations/commits/batchGetCommits.ts'
import { createCommit } from './operations/commits/createCommit.ts'
import { getBlobDifferences } from './operations/commits/getBlobDifferences.ts'
import { getCommit } from './operations/commits/getCommit.ts'
import { getDifferences } from './operations/commits/getDifferences.ts'
import { listFileCommitHistory } from './operations/commits/listFileCommitHistory.ts'
import { deleteFile } from './operations/files/deleteFile.ts'
import { getBlob } from './operations/files/getBlob.ts'
import { getFile } from './operations/files/getFile.ts'
import { getFolder } from './operations/files/getFolder.ts'
import { putFile } from './operations/files/putFile.ts'
import { getUploadArchiveStatus } from './operations/git/getUploadArchiveStatus.ts'
import { gitPull } from './operations/git/gitPull.ts'
import { gitPush } from './operations/git/gitPush.ts'
import { uploadArchive } from './operations/git/uploadArchive.ts'
import { createUnreferencedMergeCommit } from './operations/merges/createUnreferencedMergeCommit.ts'
import { getMergeCommit } from './operations/merges/getMergeCommit.ts'
import { getMergeConflicts } from './operations/merges/getMergeConflicts.ts'
import { getMergeOptions } from './operations/merges/getMergeOptions.ts'
import { mergeBranchesByFastForward } from './operations/merges/mergeBranchesByFastForward.ts'
import { mergeBranchesBySquash } from './operations/merges/mergeBranchesBySquash.ts'
import { mergeBranchesByThreeWay } from './operations/merges/mergeBranchesByThreeWay.ts'
import { batchGetRepositories } from './operations/repositories/batchGetRepositories.ts'
import { createRepository } from './operations/repositories/createRepository.ts'
import { deleteRepository } from './operations/repositories/deleteRepository.ts'
import { getRepository } from './operations/repositories/getRepository.ts'
import { listRepositories } from './operations/repositories/listRepositories.ts'
import { updateRepositoryDescription } from './operations/repositories/updateRepositoryDescription.ts'
import { updateRepositoryName } from './operations/repositories/updateRepositoryName.ts'
import { listTagsForResource } from './operations/tags/listTagsForResource.ts'
import { tagResource } from './operations/tags/tagResource.ts'
import { untagResource } from './operations/tags/untagResource.ts'
import { getRepositoryTriggers } from './operations/triggers/getRepositoryTriggers.ts'
import { putRepositoryTriggers } from './operations/triggers/putRepositoryTriggers.ts'
import { testRepositoryTriggers } from './operations/triggers/testRepositoryTriggers.ts'
import { tasks } from './tasks.ts'

export const codecommit = defineService<'codecommit'>({
  name: 'codecommit',
  principal: 'codecommit.amazonaws.com',
  access,
  constraintError,
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  workers: [gitWorker],
  operations: {
    CreateRepository: write(createRepository),
    GetRepository: read(getRepository),
    BatchGetRepositories: read(batchGetRepositories),
    ListRepositories: read(listRepositories),
    DeleteRepository: write(deleteRepository),
    UpdateRepositoryName: write(updateRepositoryName),
    UpdateRepositoryDescription: write(updateRepositoryDescription),
    UpdateRepositoryEncryptionKey: notSupported('repositories are not encrypted with KMS keys'),

    CreateBranch: write(createBranch),
    DeleteBranch: write(deleteBranch),
    GetBranch: read(getBranch),
    ListBranches: read(listBranches),
    UpdateDefaultBranch: write(updateDefaultBranch),

    GetCommit: read(getCommit),
    BatchGetCommits: read(batchGetCommits),
    CreateCommit: write(createCommit),
    GetDifferences: read(getDifferences),
    GetBlobDifferences: read(getBlobDifferences),
    ListFileCommitHistory: read(listFileCommitHistory),
    GetBlob: read(getBlob),
    GetFile: read(getFile),
    GetFolder: read(getFolder),
    PutFile: write(putFile),
    DeleteFile: write(deleteFile),

    GetMergeOptions: read(getMergeOptions),
    GetMergeConflicts: read(getMergeConflicts),
    GetMergeCommit: read(getMergeCommit),
    MergeBranchesByFastForward: write(mergeBranchesByFastForward),
    MergeBranchesBySquash: write(mergeBranchesBySquash),
    MergeBranchesByThreeWay: write(mergeBranchesByThreeWay),
    CreateUnreferencedMergeCommit: write(createUnreferencedMergeCommit),

    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListTagsForResource: read(listTagsForResource),

    PutRepositoryTriggers: write(putRepositoryTriggers),
    GetRepositoryTriggers: read(getRepositoryTriggers),
    TestRepositoryTriggers: open(testRepositoryTriggers, { changes: true }),

    GitPull: read(gitPull),
    GitPush: write(gitPush),
    UploadArchive: open(uploadArchive, { changes: true }),
    GetUploadArchiveStatus: read(getUploadArchiveStatus),

    ...allNotSupported(
      [
        'BatchDescribeMergeConflicts',
        'DescribeMergeConflicts',
        'CreatePullRequest',
        'GetPullRequest',
        'ListPullRequests',
        'DescribePullRequestEvents',
        'MergePullRequestByFastForward',
        'MergePullRequestBySquash',
        'MergePullRequestByThreeWay',
        'UpdatePullRequestDescription',
        'UpdatePullRequestStatus',
        'UpdatePullRequestTitle',
      ],
      'arrives with pull requests',
    ),
    ...allNotSupported(
      [
        'CreatePullRequestApprovalRule',
        'DeletePullRequestApprovalRule',
        'UpdatePullRequestApprovalRuleContent',
        'UpdatePullRequestApprovalState',
        'GetPullRequestApprovalStates',
        'GetPullRequestOverrideState',
        'OverridePullRequestApprovalRules',
        'EvaluatePullRequestApprovalRules',
        'CreateApprovalRuleTemplate',
        'DeleteApprovalRuleTemplate',
        'GetApprovalRuleTemplate',
        'ListApprovalRuleTemplates',
        'UpdateApprovalRuleTemplateContent',
        'UpdateApprovalRuleTemplateDescription',
        'UpdateApprovalRuleTemplateName',
        'AssociateApprovalRuleTemplateWithRepository',
        'DisassociateApprovalRuleTemplateFromRepository',
        'BatchAssociateApprovalRuleTemplateWithRepositories',
        'BatchDisassociateApprovalRuleTemplateFromRepositories',
        'ListAssociatedApprovalRuleTemplatesForRepository',
        'ListRepositoriesForApprovalRuleTemplate',
      ],
      'approval rules arrive with pull requests',
    ),
    ...allNotSupported(
      [
        'PostCommentForComparedCommit',
        'PostCommentForPullRequest',
        'PostCommentReply',
        'GetComment',
        'GetCommentsForComparedCommit',
        'GetCommentsForPullRequest',
        'UpdateComment',
        'DeleteCommentContent',
        'PutCommentReaction',
        'GetCommentReactions',
      ],
      'comments arrive with pull requests',
    ),
  },
})

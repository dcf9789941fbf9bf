// CodeCommit: repositories whose references are rows and whose objects git keeps, pull requests, comments and approvals. Every operation
// of its model, and why some are not there.

import { defineService, notSupported, open, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { constraintError } from './errors.ts'
import { gitWorker } from './gitWorker.ts'
import { createPullRequestApprovalRule } from './operations/approvals/createPullRequestApprovalRule.ts'
import { deletePullRequestApprovalRule } from './operations/approvals/deletePullRequestApprovalRule.ts'
import { evaluatePullRequestApprovalRules } from './operations/approvals/evaluatePullRequestApprovalRules.ts'
import { getPullRequestApprovalStates } from './operations/approvals/getPullRequestApprovalStates.ts'
import { getPullRequestOverrideState } from './operations/approvals/getPullRequestOverrideState.ts'
import { overridePullRequestApprovalRules } from './operations/approvals/overridePullRequestApprovalRules.ts'
import { updatePullRequestApprovalRuleContent } from './operations/approvals/updatePullRequestApprovalRuleContent.ts'
import { updatePullRequestApprovalState } from './operations/approvals/updatePullRequestApprovalState.ts'
import { createBranch } from './operations/branches/createBranch.ts'
import { deleteBranch } from './operations/branches/deleteBranch.ts'
import { getBranch } from './operations/branches/getBranch.ts'
import { listBranches } from './operations/branches/listBranches.ts'
import { updateDefaultBranch } from './operations/branches/updateDefaultBranch.ts'
import { deleteCommentContent } from './operations/comments/deleteCommentContent.ts'
import { getComment } from './operations/comments/getComment.ts'
import { getCommentReactions } from './operations/comments/getCommentReactions.ts'
import { getCommentsForComparedCommit } from './operations/comments/getCommentsForComparedCommit.ts'
import { getCommentsForPullRequest } from './operations/comments/getCommentsForPullRequest.ts'
import { postCommentForComparedCommit } from './operations/comments/postCommentForComparedCommit.ts'
import { postCommentForPullRequest } from './operations/comments/postCommentForPullRequest.ts'
import { postCommentReply } from './operations/comments/postCommentReply.ts'
import { putCommentReaction } from './operations/comments/putCommentReaction.ts'
import { updateComment } from './operations/comments/updateComment.ts'
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
import { batchDescribeMergeConflicts } from './operations/merges/batchDescribeMergeConflicts.ts'
import { createUnreferencedMergeCommit } from './operations/merges/createUnreferencedMergeCommit.ts'
import { describeMergeConflicts } from './operations/merges/describeMergeConflicts.ts'
import { getMergeCommit } from './operations/merges/getMergeCommit.ts'
import { getMergeConflicts } from './operations/merges/getMergeConflicts.ts'
import { getMergeOptions } from './operations/merges/getMergeOptions.ts'
import { mergeBranchesByFastForward } from './operations/merges/mergeBranchesByFastForward.ts'
import { mergeBranchesBySquash } from './operations/merges/mergeBranchesBySquash.ts'
import { mergeBranchesByThreeWay } from './operations/merges/mergeBranchesByThreeWay.ts'
import { createPullRequest } from './operations/pullRequests/createPullRequest.ts'
import { describePullRequestEvents } from './operations/pullRequests/describePullRequestEvents.ts'
import { getPullRequest } from './operations/pullRequests/getPullRequest.ts'
import { listPullRequests } from './operations/pullRequests/listPullRequests.ts'
import { mergePullRequestByFastForward } from './operations/pullRequests/mergePullRequestByFastForward.ts'
import { mergePullRequestBySquash } from './operations/pullRequests/mergePullRequestBySquash.ts'
import { mergePullRequestByThreeWay } from './operations/pullRequests/mergePullRequestByThreeWay.ts'
import { updatePullRequestDescription } from './operations/pullRequests/updatePullRequestDescription.ts'
import { updatePullRequestStatus } from './operations/pullRequests/updatePullRequestStatus.ts'
import { updatePullRequestTitle } from './operations/pullRequests/updatePullRequestTitle.ts'
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
import { associateApprovalRuleTemplateWithRepository } from './operations/templates/associateApprovalRuleTemplateWithRepository.ts'
import { batchAssociateApprovalRuleTemplateWithRepositories } from './operations/templates/batchAssociateApprovalRuleTemplateWithRepositories.ts'
import { batchDisassociateApprovalRuleTemplateFromRepositories } from './operations/templates/batchDisassociateApprovalRuleTemplateFromRepositories.ts'
import { createApprovalRuleTemplate } from './operations/templates/createApprovalRuleTemplate.ts'
import { deleteApprovalRuleTemplate } from './operations/templates/deleteApprovalRuleTemplate.ts'
import { disassociateApprovalRuleTemplateFromRepository } from './operations/templates/disassociateApprovalRuleTemplateFromRepository.ts'
import { getApprovalRuleTemplate } from './operations/templates/getApprovalRuleTemplate.ts'
import { listApprovalRuleTemplates } from './operations/templates/listApprovalRuleTemplates.ts'
import { listAssociatedApprovalRuleTemplatesForRepository } from './operations/templates/listAssociatedApprovalRuleTemplatesForRepository.ts'
import { listRepositoriesForApprovalRuleTemplate } from './operations/templates/listRepositoriesForApprovalRuleTemplate.ts'
import { updateApprovalRuleTemplateContent } from './operations/templates/updateApprovalRuleTemplateContent.ts'
import { updateApprovalRuleTemplateDescription } from './operations/templates/updateApprovalRuleTemplateDescription.ts'
import { updateApprovalRuleTemplateName } from './operations/templates/updateApprovalRuleTemplateName.ts'
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
    DescribeMergeConflicts: read(describeMergeConflicts),
    BatchDescribeMergeConflicts: read(batchDescribeMergeConflicts),
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

    CreatePullRequest: write(createPullRequest),
    DescribePullRequestEvents: read(describePullRequestEvents),
    GetPullRequest: read(getPullRequest),
    ListPullRequests: read(listPullRequests),
    MergePullRequestByFastForward: write(mergePullRequestByFastForward),
    MergePullRequestBySquash: write(mergePullRequestBySquash),
    MergePullRequestByThreeWay: write(mergePullRequestByThreeWay),
    UpdatePullRequestDescription: write(updatePullRequestDescription),
    UpdatePullRequestStatus: write(updatePullRequestStatus),
    UpdatePullRequestTitle: write(updatePullRequestTitle),

    CreatePullRequestApprovalRule: write(createPullRequestApprovalRule),
    DeletePullRequestApprovalRule: write(deletePullRequestApprovalRule),
    EvaluatePullRequestApprovalRules: read(evaluatePullRequestApprovalRules),
    GetPullRequestApprovalStates: read(getPullRequestApprovalStates),
    GetPullRequestOverrideState: read(getPullRequestOverrideState),
    OverridePullRequestApprovalRules: write(overridePullRequestApprovalRules),
    UpdatePullRequestApprovalRuleContent: write(updatePullRequestApprovalRuleContent),
    UpdatePullRequestApprovalState: write(updatePullRequestApprovalState),

    DeleteCommentContent: write(deleteCommentContent),
    GetComment: read(getComment),
    GetCommentReactions: read(getCommentReactions),
    GetCommentsForComparedCommit: read(getCommentsForComparedCommit),
    GetCommentsForPullRequest: read(getCommentsForPullRequest),
    PostCommentForComparedCommit: write(postCommentForComparedCommit),
    PostCommentForPullRequest: write(postCommentForPullRequest),
    PostCommentReply: write(postCommentReply),
    PutCommentReaction: write(putCommentReaction),
    UpdateComment: write(updateComment),

    AssociateApprovalRuleTemplateWithRepository: write(associateApprovalRuleTemplateWithRepository),
    BatchAssociateApprovalRuleTemplateWithRepositories: write(batchAssociateApprovalRuleTemplateWithRepositories),
    BatchDisassociateApprovalRuleTemplateFromRepositories: write(batchDisassociateApprovalRuleTemplateFromRepositories),
    CreateApprovalRuleTemplate: write(createApprovalRuleTemplate),
    DeleteApprovalRuleTemplate: write(deleteApprovalRuleTemplate),
    DisassociateApprovalRuleTemplateFromRepository: write(disassociateApprovalRuleTemplateFromRepository),
    GetApprovalRuleTemplate: read(getApprovalRuleTemplate),
    ListApprovalRuleTemplates: read(listApprovalRuleTemplates),
    ListAssociatedApprovalRuleTemplatesForRepository: read(listAssociatedApprovalRuleTemplatesForRepository),
    ListRepositoriesForApprovalRuleTemplate: read(listRepositoriesForApprovalRuleTemplate),
    UpdateApprovalRuleTemplateContent: write(updateApprovalRuleTemplateContent),
    UpdateApprovalRuleTemplateDescription: write(updateApprovalRuleTemplateDescription),
    UpdateApprovalRuleTemplateName: write(updateApprovalRuleTemplateName),
  },
})

// The exceptions of CodeCommit with the sentences of its API reference, and which of them a broken constraint becomes.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Sdks } from '../../operation/sdks.ts'
import type { Violation } from '../../operation/service.ts'
import type { ErrorCodesOf } from '../../operation/types.ts'
import { SENTENCES as APPROVALS } from './approvals/sentences.ts'
import { SENTENCES as COMMENTS } from './comments/sentences.ts'
import { SENTENCES as PULL_REQUESTS } from './pullRequests/sentences.ts'

export const fail = failWith<'codecommit'>()

type Code = ErrorCodesOf<Sdks['codecommit']>

// AWS: the sentences are those of the API model (codecommit 2015-04-13).
const SENTENCES = {
  ...PULL_REQUESTS,
  ...COMMENTS,
  ...APPROVALS,
  BlobIdDoesNotExistException: 'The specified blob does not exist.',
  BlobIdRequiredException: 'A blob ID is required, but was not specified.',
  BranchNameIsTagNameException:
    'The specified branch name is not valid because it is a tag name. Enter the name of a branch in the repository. For a list of valid branch names, use ListBranches.',
  BranchNameRequiredException: 'A branch name is required, but was not specified.',
  CommitDoesNotExistException:
    'The specified commit does not exist or no commit was specified, and the specified repository has no default branch.',
  CommitIdDoesNotExistException: 'The specified commit ID does not exist.',
  CommitIdRequiredException: 'A commit ID was not specified.',
  CommitIdsLimitExceededException:
    'The maximum number of allowed commit IDs in a batch request is 100. Verify that your batch requests contains no more than 100 commit IDs, and then try again.',
  CommitIdsListRequiredException:
    'A list of commit IDs is required, but was either not specified or the list was empty.',
  CommitMessageLengthExceededException: 'The commit message is too long. Provide a shorter string.',
  CommitRequiredException: 'A commit was not specified.',
  ConcurrentReferenceUpdateException:
    'The merge cannot be completed because the target branch has been modified. Another user might have modified the target branch while the merge was in progress. Wait a few minutes, and then try again.',
  DefaultBranchCannotBeDeletedException:
    'The specified branch is the default branch for the repository, and cannot be deleted. To delete this branch, you must first set another branch as the default branch.',
  DirectoryNameConflictsWithFileNameException:
    'A file cannot be added to the repository because the specified path name has the same name as a file that already exists in this repository. Either provide a different name for the file, or specify a different path for the file.',
  FileContentAndSourceFileSpecifiedException:
    'The commit cannot be created because both a source file and file content have been specified for the same file. You cannot provide both. Either specify a source file or provide the file content directly.',
  FileContentRequiredException:
    'The file cannot be added because it is empty. Empty files cannot be added to the repository with this API.',
  FileContentSizeLimitExceededException:
    'The file cannot be added because it is too large. The maximum file size is 6 MB, and the combined file content change size is 7 MB. Consider making these changes using a Git client.',
  FileDoesNotExistException:
    'The specified file does not exist. Verify that you have used the correct file name, full path, and extension.',
  FileEntryRequiredException:
    'The commit cannot be created because no files have been specified as added, updated, or changed (PutFile or DeleteFile) for the commit.',
  FileModeRequiredException:
    'The commit cannot be created because no file mode has been specified. A file mode is required to update mode permissions for a file.',
  FileNameConflictsWithDirectoryNameException:
    'A file cannot be added to the repository because the specified file name has the same name as a directory in this repository. Either provide another name for the file, or add the file in a directory that does not match the file name.',
  FilePathConflictsWithSubmodulePathException:
    'The commit cannot be created because a specified file path points to a submodule. Verify that the destination files have valid file paths that do not point to a submodule.',
  FileTooLargeException:
    'The specified file exceeds the file size limit for CodeCommit. For more information about limits in CodeCommit, see Quotas in the CodeCommit User Guide.',
  FolderContentSizeLimitExceededException:
    'The commit cannot be created because at least one of the overall changes in the commit results in a folder whose contents exceed the limit of 6 MB. Either reduce the number and size of your changes, or split the changes across multiple folders.',
  FolderDoesNotExistException:
    'The specified folder does not exist. Either the folder name is not correct, or you did not enter the full path to the folder.',
  InvalidBlobIdException: 'The specified blob is not valid.',
  InvalidBranchNameException: 'The specified reference name is not valid.',
  InvalidCommitException: 'The specified commit is not valid.',
  InvalidCommitIdException: 'The specified commit ID is not valid.',
  InvalidConflictDetailLevelException: 'The specified conflict detail level is not valid.',
  InvalidConflictResolutionException: 'The specified conflict resolution list is not valid.',
  InvalidConflictResolutionStrategyException: 'The specified conflict resolution strategy is not valid.',
  InvalidContinuationTokenException: 'The specified continuation token is not valid.',
  InvalidDestinationCommitSpecifierException:
    'The destination commit specifier is not valid. You must provide a valid branch name, tag, or full commit ID.',
  InvalidEmailException:
    'The specified email address either contains one or more characters that are not allowed, or it exceeds the maximum number of characters allowed for an email address.',
  InvalidFileModeException:
    'The specified file mode permission is not valid. For a list of valid file mode permissions, see PutFile.',
  InvalidMaxMergeHunksException: 'The specified value for the number of merge hunks to return is not valid.',
  InvalidMaxConflictFilesException: 'The specified value for the number of conflict files to return is not valid.',
  InvalidMaxResultsException: 'The specified number of maximum results is not valid.',
  InvalidMergeOptionException:
    'The specified merge option is not valid for this operation. Not all merge strategies are supported for all operations.',
  InvalidOrderException: 'The specified sort order is not valid.',
  InvalidParentCommitIdException:
    'The parent commit ID is not valid. The commit ID cannot be empty, and must match the head commit ID for the branch of the repository where you want to add or update a file.',
  InvalidPathException: 'The specified path is not valid.',
  InvalidRepositoryDescriptionException: 'The specified repository description is not valid.',
  InvalidRepositoryNameException:
    'The repository name is not valid. Repository names can be any valid combination of letters, numbers, periods, underscores, and dashes between 1 and 100 characters in length. Names are case sensitive. For more information, see Limits in the AWS CodeCommit User Guide. ',
  InvalidRepositoryTriggerBranchNameException: 'One or more branch names specified for the trigger is not valid.',
  InvalidRepositoryTriggerCustomDataException: 'The custom data provided for the trigger is not valid.',
  InvalidRepositoryTriggerDestinationArnException:
    'The Amazon Resource Name (ARN) for the trigger is not valid for the specified destination. The most common reason for this error is that the ARN does not meet the requirements for the service type.',
  InvalidRepositoryTriggerEventsException:
    'One or more events specified for the trigger is not valid. Check to make sure that all events specified match the requirements for allowed events.',
  InvalidRepositoryTriggerNameException: 'The name of the trigger is not valid.',
  InvalidRepositoryTriggerRegionException:
    'The AWS Region for the trigger target does not match the AWS Region for the repository. Triggers must be created in the same Region as the target for the trigger.',
  InvalidResourceArnException:
    'The value for the resource ARN is not valid. For more information about resources in AWS CodeCommit, see CodeCommit Resources and Operations in the AWS CodeCommit User Guide.',
  InvalidSortByException: 'The specified sort by value is not valid.',
  InvalidSourceCommitSpecifierException:
    'The source commit specifier is not valid. You must provide a valid branch name, tag, or full commit ID.',
  InvalidSystemTagUsageException: 'The specified tag is not valid. Key names cannot be prefixed with aws:.',
  InvalidTagKeysListException: 'The list of tags is not valid.',
  InvalidTagsMapException: 'The map of tags is not valid.',
  InvalidTargetBranchException: 'The specified target branch is not valid.',
  ManualMergeRequiredException:
    'The pull request cannot be merged automatically into the destination branch. You must manually merge the branches and resolve any conflicts.',
  MaximumConflictResolutionEntriesExceededException: 'The number of allowed conflict resolution entries was exceeded.',
  MultipleConflictResolutionEntriesException:
    'More than one conflict resolution entries exists for the conflict. A conflict can have only one conflict resolution entry.',
  ReplacementContentRequiredException: 'USE_NEW_CONTENT was specified, but no replacement content has been provided.',
  ReplacementTypeRequiredException: 'A replacement type is required.',
  InvalidReplacementTypeException:
    'Automerge was specified for resolving the conflict, but the specified replacement type is not valid.',
  TipsDivergenceExceededException:
    'The divergence between the tips of the provided commit specifiers is too great to determine whether there might be any merge conflicts. Locally compare the specifiers using git diff or a diff tool.',
  MaximumBranchesExceededException: 'The number of branches for the trigger was exceeded.',
  MaximumFileEntriesExceededException:
    'The number of specified files to change as part of this commit exceeds the maximum number of files that can be changed in a single commit. Consider using a Git client for these changes.',
  MaximumRepositoryNamesExceededException:
    'The maximum number of allowed repository names was exceeded. Currently, this number is 100.',
  MaximumRepositoryTriggersExceededException: 'The number of triggers allowed for the repository was exceeded.',
  MergeOptionRequiredException: 'A merge option or stategy is required, and none was provided.',
  NameLengthExceededException:
    'The user name is not valid because it has exceeded the character limit for author names.',
  NoChangeException:
    'The commit cannot be created because no changes will be made to the repository as a result of this commit. A commit must contain at least one change.',
  ParentCommitDoesNotExistException:
    'The parent commit ID is not valid because it does not exist. The specified parent commit ID does not exist in the specified branch of the repository.',
  ParentCommitIdOutdatedException:
    'The file could not be added because the provided parent commit ID is not the current tip of the specified branch. To view the full commit ID of the current head of the branch, use GetBranch.',
  ParentCommitIdRequiredException:
    'A parent commit ID is required. To view the full commit ID of a branch in a repository, use GetBranch or a Git command (for example, git pull or git log).',
  PathDoesNotExistException: 'The specified path does not exist.',
  PathRequiredException: 'The folderPath for a location cannot be null.',
  PutFileEntryConflictException:
    'The commit cannot be created because one or more files specified in the commit reference both a file and a folder.',
  RepositoryNameRequiredException: 'A repository name is required, but was not specified.',
  RepositoryNamesRequiredException: 'At least one repository name object is required, but was not specified.',
  RepositoryTriggerBranchNameListRequiredException:
    'At least one branch name is required, but was not specified in the trigger configuration.',
  RepositoryTriggerDestinationArnRequiredException:
    'A destination ARN for the target service for the trigger is required, but was not specified.',
  RepositoryTriggerEventsListRequiredException:
    'At least one event for the trigger is required, but was not specified.',
  RepositoryTriggerNameRequiredException: 'A name for the trigger is required, but was not specified.',
  RepositoryTriggersListRequiredException:
    'The list of triggers for the repository is required, but was not specified.',
  ResourceArnRequiredException:
    'A valid Amazon Resource Name (ARN) for an AWS CodeCommit resource is required. For a list of valid resources in AWS CodeCommit, see CodeCommit Resources and Operations in the AWS CodeCommit User Guide.',
  RestrictedSourceFileException:
    'The commit cannot be created because one of the changes specifies copying or moving a .gitkeep file.',
  SameFileContentException:
    'The file was not added or updated because the content of the file is exactly the same as the content of that file in the repository and branch that you specified.',
  SamePathRequestException:
    'The commit cannot be created because one or more changes in this commit duplicate actions in the same file path. For example, you cannot make the same delete request to the same file in the same file path twice, or make a delete request and a move request to the same file as part of the same commit.',
  SourceFileOrContentRequiredException:
    'The commit cannot be created because no source files or file content have been specified for the commit.',
  TagKeysListRequiredException: 'A list of tag keys is required. The list cannot be empty or null.',
  TagsMapRequiredException: 'A map of tags is required.',
  TooManyTagsException: 'The maximum number of tags for an AWS CodeCommit resource has been exceeded.',
} satisfies Partial<Record<Code, string>>

/** Fails with `code` and its sentence. */
export function refuse(code: keyof typeof SENTENCES): never {
  return fail(code, SENTENCES[code])
}

/** Member (the last name of the path) -> the exception when it is missing, and when it is wrong. */
const BY_MEMBER: Readonly<Record<string, readonly [keyof typeof SENTENCES, (keyof typeof SENTENCES)?]>> = {
  repositoryName: ['RepositoryNameRequiredException', 'InvalidRepositoryNameException'],
  oldName: ['RepositoryNameRequiredException', 'InvalidRepositoryNameException'],
  newName: ['RepositoryNameRequiredException', 'InvalidRepositoryNameException'],
  repositoryNames: ['RepositoryNamesRequiredException', 'InvalidRepositoryNameException'],
  repositoryDescription: ['InvalidRepositoryDescriptionException', 'InvalidRepositoryDescriptionException'],
  branchName: ['BranchNameRequiredException', 'InvalidBranchNameException'],
  defaultBranchName: ['BranchNameRequiredException', 'InvalidBranchNameException'],
  targetBranch: ['BranchNameRequiredException', 'InvalidTargetBranchException'],
  commitId: ['CommitIdRequiredException', 'InvalidCommitIdException'],
  commitIds: ['CommitIdsListRequiredException'],
  blobId: ['BlobIdRequiredException', 'InvalidBlobIdException'],
  commitSpecifier: ['CommitRequiredException', 'InvalidCommitException'],
  afterCommitSpecifier: ['CommitRequiredException', 'InvalidCommitException'],
  beforeCommitSpecifier: ['CommitRequiredException', 'InvalidCommitException'],
  sourceCommitSpecifier: ['CommitRequiredException', 'InvalidCommitException'],
  destinationCommitSpecifier: ['CommitRequiredException', 'InvalidCommitException'],
  parentCommitId: ['ParentCommitIdRequiredException', 'InvalidParentCommitIdException'],
  filePath: ['PathRequiredException', 'InvalidPathException'],
  folderPath: ['PathRequiredException', 'InvalidPathException'],
  fileContent: ['FileContentRequiredException', 'FileContentSizeLimitExceededException'],
  fileMode: ['FileModeRequiredException', 'InvalidFileModeException'],
  sortBy: ['InvalidSortByException', 'InvalidSortByException'],
  order: ['InvalidOrderException', 'InvalidOrderException'],
  maxResults: ['InvalidMaxResultsException', 'InvalidMaxResultsException'],
  mergeOption: ['MergeOptionRequiredException', 'InvalidMergeOptionException'],
  conflictDetailLevel: ['InvalidConflictDetailLevelException', 'InvalidConflictDetailLevelException'],
  conflictResolutionStrategy: [
    'InvalidConflictResolutionStrategyException',
    'InvalidConflictResolutionStrategyException',
  ],
  replacementType: ['ReplacementTypeRequiredException', 'InvalidReplacementTypeException'],
  afterBlobId: ['BlobIdRequiredException', 'InvalidBlobIdException'],
  maxMergeHunks: ['InvalidMaxMergeHunksException', 'InvalidMaxMergeHunksException'],
  filePaths: ['PathRequiredException', 'InvalidPathException'],
  maxConflictFiles: ['InvalidMaxConflictFilesException', 'InvalidMaxConflictFilesException'],
  resourceArn: ['ResourceArnRequiredException', 'InvalidResourceArnException'],
  tags: ['TagsMapRequiredException', 'InvalidTagsMapException'],
  tagKeys: ['TagKeysListRequiredException', 'InvalidTagKeysListException'],
  triggers: ['RepositoryTriggersListRequiredException'],
  name: ['RepositoryTriggerNameRequiredException', 'InvalidRepositoryTriggerNameException'],
  destinationArn: [
    'RepositoryTriggerDestinationArnRequiredException',
    'InvalidRepositoryTriggerDestinationArnException',
  ],
  events: ['RepositoryTriggerEventsListRequiredException', 'InvalidRepositoryTriggerEventsException'],
  branches: ['RepositoryTriggerBranchNameListRequiredException', 'InvalidRepositoryTriggerBranchNameException'],
  pullRequestId: ['PullRequestIdRequiredException', 'InvalidPullRequestIdException'],
  title: ['TitleRequiredException', 'InvalidTitleException'],
  description: ['InvalidDescriptionException', 'InvalidDescriptionException'],
  targets: ['TargetsRequiredException', 'InvalidTargetsException'],
  sourceReference: ['ReferenceNameRequiredException', 'InvalidReferenceNameException'],
  destinationReference: ['ReferenceNameRequiredException', 'InvalidReferenceNameException'],
  clientRequestToken: ['ClientRequestTokenRequiredException', 'InvalidClientRequestTokenException'],
  pullRequestStatus: ['PullRequestStatusRequiredException', 'InvalidPullRequestStatusException'],
  pullRequestEventType: ['InvalidPullRequestEventTypeException', 'InvalidPullRequestEventTypeException'],
  revisionId: ['RevisionIdRequiredException', 'InvalidRevisionIdException'],
  sourceCommitId: ['CommitIdRequiredException', 'InvalidCommitIdException'],
  beforeCommitId: ['CommitIdRequiredException', 'InvalidCommitIdException'],
  afterCommitId: ['CommitIdRequiredException', 'InvalidCommitIdException'],
  approvalState: ['ApprovalStateRequiredException', 'InvalidApprovalStateException'],
  overrideStatus: ['OverrideStatusRequiredException', 'InvalidOverrideStatusException'],
  approvalRuleName: ['ApprovalRuleNameRequiredException', 'InvalidApprovalRuleNameException'],
  approvalRuleContent: ['ApprovalRuleContentRequiredException', 'InvalidApprovalRuleContentException'],
  newRuleContent: ['ApprovalRuleContentRequiredException', 'InvalidApprovalRuleContentException'],
  existingRuleContentSha256: ['InvalidRuleContentSha256Exception', 'InvalidRuleContentSha256Exception'],
  commentId: ['CommentIdRequiredException', 'InvalidCommentIdException'],
  inReplyTo: ['CommentIdRequiredException', 'InvalidCommentIdException'],
  content: ['CommentContentRequiredException'],
  relativeFileVersion: ['InvalidRelativeFileVersionEnumException', 'InvalidRelativeFileVersionEnumException'],
  reactionValue: ['ReactionValueRequiredException', 'InvalidReactionValueException'],
  approvalRuleTemplateName: ['ApprovalRuleTemplateNameRequiredException', 'InvalidApprovalRuleTemplateNameException'],
  oldApprovalRuleTemplateName: [
    'ApprovalRuleTemplateNameRequiredException',
    'InvalidApprovalRuleTemplateNameException',
  ],
  newApprovalRuleTemplateName: [
    'ApprovalRuleTemplateNameRequiredException',
    'InvalidApprovalRuleTemplateNameException',
  ],
  approvalRuleTemplateContent: [
    'ApprovalRuleTemplateContentRequiredException',
    'InvalidApprovalRuleTemplateContentException',
  ],
  approvalRuleTemplateDescription: [
    'InvalidApprovalRuleTemplateDescriptionException',
    'InvalidApprovalRuleTemplateDescriptionException',
  ],
}

/** CodeCommit has an exception of its own for nearly every member; undefined leaves the general one. */
export function constraintError(operation: string, { path, kind }: Violation): ServiceError | undefined {
  const member = path
    .split('.')
    .filter(part => !/^\d+$/.test(part) && part !== 'member' && part !== 'key' && part !== 'value')
    .at(-1)
  const named = member === 'newRuleContent' && operation.includes('Template') ? 'approvalRuleTemplateContent' : member
  const exceptions = named === undefined ? undefined : BY_MEMBER[named]
  const code = kind === 'required' ? exceptions?.[0] : exceptions?.[1]
  return code && new ServiceError(code, SENTENCES[code])
}

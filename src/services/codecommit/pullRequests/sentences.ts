// The sentences of the exceptions of pull requests.

import type { Sdks } from '../../../operation/sdks.ts'
import type { ErrorCodesOf } from '../../../operation/types.ts'

// AWS: the sentences are those of the API model (codecommit 2015-04-13).
export const SENTENCES = {
  ActorDoesNotExistException:
    'The specified Amazon Resource Name (ARN) does not exist in the Amazon Web Services account.',
  AuthorDoesNotExistException:
    'The specified Amazon Resource Name (ARN) does not exist in the Amazon Web Services account.',
  ClientRequestTokenRequiredException:
    'A client request token is required. A client request token is an unique, client-generated idempotency token that, when provided in a request, ensures the request cannot be repeated with a changed parameter. If a request is received with the same parameters and a token is included, the request returns information about the initial request that used that token.',
  IdempotencyParameterMismatchException:
    'The client request token is not valid. Either the token is not in a valid format, or the token has been used in a previous request and cannot be reused.',
  InvalidActorArnException:
    'The Amazon Resource Name (ARN) is not valid. Make sure that you have provided the full ARN for the user who initiated the change for the pull request, and then try again.',
  InvalidAuthorArnException:
    'The Amazon Resource Name (ARN) is not valid. Make sure that you have provided the full ARN for the author of the pull request, and then try again.',
  InvalidClientRequestTokenException: 'The client request token is not valid.',
  InvalidDescriptionException:
    'The pull request description is not valid. Descriptions cannot be more than 1,000 characters.',
  InvalidPullRequestEventTypeException: 'The pull request event type is not valid.',
  InvalidPullRequestIdException:
    'The pull request ID is not valid. Make sure that you have provided the full ID and that the pull request is in the specified repository, and then try again.',
  InvalidPullRequestStatusException: 'The pull request status is not valid. The only valid values are OPEN and CLOSED.',
  InvalidPullRequestStatusUpdateException:
    'The pull request status update is not valid. The only valid update is from OPEN to CLOSED.',
  InvalidReferenceNameException:
    'The specified reference name format is not valid. Reference names must conform to the Git references format (for example, refs/heads/main). For more information, see Git Internals - Git References or consult your Git documentation.',
  InvalidTargetException:
    'The target for the pull request is not valid. A target must contain the full values for the repository name, source branch, and destination branch for the pull request.',
  InvalidTargetsException:
    'The targets for the pull request is not valid or not in a valid format. Targets are a list of target objects. Each target object must contain the full values for the repository name, source branch, and destination branch for a pull request.',
  InvalidTitleException:
    'The title of the pull request is not valid. Pull request titles cannot exceed 100 characters in length.',
  MaximumOpenPullRequestsExceededException:
    'You cannot create the pull request because the repository has too many open pull requests. The maximum number of open pull requests for a repository is 1,000. Close one or more open pull requests, and then try again.',
  MultipleRepositoriesInPullRequestException:
    'You cannot include more than one repository in a pull request. Make sure you have specified only one repository name in your request, and then try again.',
  PullRequestAlreadyClosedException: 'The pull request status cannot be updated because it is already closed.',
  PullRequestDoesNotExistException:
    'The pull request ID could not be found. Make sure that you have specified the correct repository name and pull request ID, and then try again.',
  PullRequestIdRequiredException: 'A pull request ID is required, but none was provided.',
  PullRequestStatusRequiredException: 'A pull request status is required, but none was provided.',
  ReferenceDoesNotExistException: 'The specified reference does not exist. You must provide a full commit ID.',
  ReferenceNameRequiredException: 'A reference name is required, but none was provided.',
  ReferenceTypeNotSupportedException: 'The specified reference is not a supported type.',
  RepositoryNotAssociatedWithPullRequestException:
    'The repository does not contain any pull requests with that pull request ID. Use GetPullRequest to verify the correct repository name for the pull request ID.',
  SourceAndDestinationAreSameException:
    'The source branch and destination branch for the pull request are the same. You must specify different branches for the source and destination.',
  TargetRequiredException:
    'A pull request target is required. It cannot be empty or null. A pull request target must contain the full values for the repository name, source branch, and destination branch for the pull request.',
  TargetsRequiredException: 'An array of target objects is required. It cannot be empty or null.',
  TipOfSourceReferenceIsDifferentException:
    'The tip of the source branch in the destination repository does not match the tip of the source branch specified in your request. The pull request might have been updated. Make sure that you have the latest changes.',
  TitleRequiredException: 'A pull request title is required. It cannot be empty or null.',
} satisfies Partial<Record<ErrorCodesOf<Sdks['codecommit']>, string>>

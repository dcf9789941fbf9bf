// The sentences of the exceptions of approval rules, approvals and templates of rules.

import type { Sdks } from '../../../operation/sdks.ts'
import type { ErrorCodesOf } from '../../../operation/types.ts'

// AWS: the sentences are those of the API model (codecommit 2015-04-13).
export const SENTENCES = {
  ApprovalRuleContentRequiredException:
    'The content for the approval rule is empty. You must provide some content for an approval rule. The content cannot be null.',
  ApprovalRuleDoesNotExistException: 'The specified approval rule does not exist.',
  ApprovalRuleNameAlreadyExistsException:
    'An approval rule with that name already exists. Approval rule names must be unique within the scope of a pull request.',
  ApprovalRuleNameRequiredException: 'An approval rule name is required, but was not specified.',
  ApprovalRuleTemplateContentRequiredException:
    'The content for the approval rule template is empty. You must provide some content for an approval rule template. The content cannot be null.',
  ApprovalRuleTemplateDoesNotExistException:
    'The specified approval rule template does not exist. Verify that the name is correct and that you are signed in to the Amazon Web Services Region where the template was created, and then try again.',
  ApprovalRuleTemplateInUseException:
    'The approval rule template is associated with one or more repositories. You cannot delete a template that is associated with a repository. Remove all associations, and then try again.',
  ApprovalRuleTemplateNameAlreadyExistsException:
    'You cannot create an approval rule template with that name because a template with that name already exists in this Amazon Web Services Region for your Amazon Web Services account. Approval rule template names must be unique.',
  ApprovalRuleTemplateNameRequiredException: 'An approval rule template name is required, but was not specified.',
  ApprovalStateRequiredException: 'An approval state is required, but was not specified.',
  CannotDeleteApprovalRuleFromTemplateException:
    'The approval rule cannot be deleted from the pull request because it was created by an approval rule template and applied to the pull request automatically.',
  CannotModifyApprovalRuleFromTemplateException:
    'The approval rule cannot be modified for the pull request because it was created by an approval rule template and applied to the pull request automatically.',
  InvalidApprovalRuleContentException: 'The content for the approval rule is not valid.',
  InvalidApprovalRuleNameException: 'The name for the approval rule is not valid.',
  InvalidApprovalRuleTemplateContentException: 'The content of the approval rule template is not valid.',
  InvalidApprovalRuleTemplateDescriptionException:
    'The description for the approval rule template is not valid because it exceeds the maximum characters allowed for a description. For more information about limits in CodeCommit, see Quotas in the CodeCommit User Guide.',
  InvalidApprovalRuleTemplateNameException:
    'The name of the approval rule template is not valid. Template names must be between 1 and 100 valid characters in length. For more information about limits in CodeCommit, see Quotas in the CodeCommit User Guide.',
  InvalidApprovalStateException: 'The state for the approval is not valid. Valid values include APPROVE and REVOKE.',
  InvalidOverrideStatusException: 'The override status is not valid. Valid statuses are OVERRIDE and REVOKE.',
  InvalidRevisionIdException: 'The revision ID is not valid. Use GetPullRequest to determine the value.',
  InvalidRuleContentSha256Exception: 'The SHA-256 hash signature for the rule content is not valid.',
  MaximumNumberOfApprovalsExceededException:
    'The number of approvals required for the approval rule exceeds the maximum number allowed.',
  MaximumRuleTemplatesAssociatedWithRepositoryException:
    'The maximum number of approval rule templates for a repository has been exceeded. You cannot associate more than 25 approval rule templates with a repository.',
  NumberOfRuleTemplatesExceededException:
    'The maximum number of approval rule templates has been exceeded for this Amazon Web Services Region.',
  NumberOfRulesExceededException:
    'The approval rule cannot be added. The pull request has the maximum number of approval rules associated with it.',
  OverrideAlreadySetException: 'The pull request has already had its approval rules set to override.',
  OverrideStatusRequiredException:
    'An override status is required, but no value was provided. Valid values include OVERRIDE and REVOKE.',
  PullRequestApprovalRulesNotSatisfiedException:
    'The pull request cannot be merged because one or more approval rules applied to the pull request have conditions that have not been met.',
  PullRequestCannotBeApprovedByAuthorException:
    'The approval cannot be applied because the user approving the pull request matches the user who created the pull request. You cannot approve a pull request that you created.',
  RevisionIdRequiredException: 'A revision ID is required, but was not provided.',
  RevisionNotCurrentException:
    'The revision ID provided in the request does not match the current revision ID. Use GetPullRequest to retrieve the current revision ID.',
} satisfies Partial<Record<ErrorCodesOf<Sdks['codecommit']>, string>>

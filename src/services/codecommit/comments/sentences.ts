// The sentences of the exceptions of comments.

import type { Sdks } from '../../../operation/sdks.ts'
import type { ErrorCodesOf } from '../../../operation/types.ts'

// AWS: the sentences are those of the API model (codecommit 2015-04-13).
export const SENTENCES = {
  BeforeCommitIdAndAfterCommitIdAreSameException:
    'The before commit ID and the after commit ID are the same, which is not valid. The before commit ID and the after commit ID must be different commit IDs.',
  CommentContentRequiredException:
    'The comment is empty. You must provide some content for a comment. The content cannot be null.',
  CommentContentSizeLimitExceededException: 'The comment is too large. Comments are limited to 10,240 characters.',
  CommentDeletedException: 'This comment has already been deleted. You cannot edit or delete a deleted comment.',
  CommentDoesNotExistException:
    'No comment exists with the provided ID. Verify that you have used the correct ID, and then try again.',
  CommentIdRequiredException: 'The comment ID is missing or null. A comment ID is required.',
  CommentNotCreatedByCallerException:
    'You cannot modify or delete this comment. Only comment authors can modify or delete their comments.',
  InvalidCommentIdException:
    'The comment ID is not in a valid format. Make sure that you have provided the full comment ID.',
  InvalidFileLocationException:
    'The location of the file is not valid. Make sure that you include the file name and extension.',
  InvalidFilePositionException:
    'The position is not valid. Make sure that the line number exists in the version of the file you want to comment on.',
  InvalidReactionUserArnException: 'The Amazon Resource Name (ARN) of the user or identity is not valid.',
  InvalidReactionValueException:
    'The value of the reaction is not valid. For more information, see the CodeCommit User Guide.',
  InvalidRelativeFileVersionEnumException:
    'Either the enum is not in a valid format, or the specified file version enum is not valid in respect to the current file version.',
  ReactionLimitExceededException:
    'The number of reactions has been exceeded. Reactions are limited to one reaction per user for each individual comment ID.',
  ReactionValueRequiredException: 'A reaction value is required.',
} satisfies Partial<Record<ErrorCodesOf<Sdks['codecommit']>, string>>

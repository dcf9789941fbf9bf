// DeleteSourceCredentials: projects of that provider go on without credentials.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { credentialType, deleteCredential } from '../../providers/credentials.ts'

export const deleteSourceCredentials: Handler<'codebuild', 'DeleteSourceCredentials'> = async (
  { tx, scope },
  { arn },
) => {
  if (!/^arn:aws[\w-]*:codebuild:[\w-]+:\d{12}:token\/.+$/.test(arn!))
    fail('InvalidInputException', `Invalid ARN: ${arn}`)
  const type = credentialType(scope, arn!)
  if (!type || !(await deleteCredential(tx, scope, type))) {
    fail('ResourceNotFoundException', `Could not find source credentials with ARN ${arn}`)
  }
  return { arn }
}

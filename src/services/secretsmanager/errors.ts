// The exceptions of Secrets Manager, with the sentences that it repeats (most as recorded on AWS [localstack, test_secretsmanager.snapshot.json]).

import { failWith } from '../../operation/fail.ts'

export const fail = failWith<'secretsmanager', 'ValidationException' | 'AccessDeniedException'>()

export const invalidParameter = (message: string) => fail('InvalidParameterException', message)
export const invalidRequest = (message: string) => fail('InvalidRequestException', message)
export const noSuchSecret = () => fail('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
export const noSuchValue = (what: string) =>
  fail('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${what}`)
export const markedForDeletion = () =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")

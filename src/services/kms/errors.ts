// The exceptions of KMS, with the sentences that it repeats.

import { failWith } from '../../operation/fail.ts'

export const fail = failWith<'kms', 'ValidationException' | 'AccessDeniedException' | 'NotAuthorizedException'>()

export const invalid = (message: string) => fail('ValidationException', message)

// AWS: as recorded on AWS [localstack, test_kms.snapshot.json]; pending deletion as in [segmentio/chamber issue 355], the refusal of a
// ciphertext as in [tryolabs/aws-workshop issue 6].
export const noSuchKey = (arn: string) => fail('NotFoundException', `Key '${arn}' does not exist`)
export const noSuchAlias = (arn: string) => fail('NotFoundException', `Alias ${arn} is not found.`)
export const disabled = (arn: string) => fail('DisabledException', `${arn} is disabled.`)
export const invalidState = (arn: string, state: string) => fail('KMSInvalidStateException', `${arn} is ${state}.`)
export const incorrectKey = () =>
  fail('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.')
export const unknownCiphertextKey = () =>
  fail(
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  )
/** AWS sends no message with it. */
export const invalidCiphertext = () => fail('InvalidCiphertextException', '')
export const dryRun = () =>
  fail('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.')

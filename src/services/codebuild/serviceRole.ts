// Checks that CodeBuild may assume the role of a project, when the project is made.

import { isServiceError } from '../../core/serviceError.ts'
import type { Call } from '../../operation/call.ts'
import { fail } from './errors.ts'

/** Fails with InvalidInputException when the role does not exist or does not trust codebuild.amazonaws.com. */
export async function checkServiceRole(call: Call, roleArn: string): Promise<void> {
  try {
    await call.as(roleArn, 'AWSCodeBuild').invoke('sts', 'GetCallerIdentity', {})
  } catch (error) {
    if (!isServiceError(error) || !/AccessDenied|NoSuchEntity/.test(error.code)) throw error
    // AWS: as reported; no public source is at hand.
    fail(
      'InvalidInputException',
      'CodeBuild is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The provided service role exists, 2) The role name is case-sensitive and matches exactly, and 3) The role has the necessary trust policy configured.',
    )
  }
}

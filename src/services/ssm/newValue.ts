// What PutParameter may store: sizes by tier, the pattern that values must match, kinds of data.

import { createContext, Script } from 'node:vm'
import type { ParameterTier } from '@aws-sdk/client-ssm'
import { fail, invalid } from './errors.ts'
import { DEFAULT_KEY } from './values.ts'

const STANDARD = 4096
const ADVANCED = 8192
const PATTERN_MS = 200

/** The tier that the value is stored in. `present` is that of the version before. */
export function tierOf(wanted: ParameterTier | undefined, present: ParameterTier | undefined, value: string) {
  const size = Buffer.byteLength(value)
  if (size > ADVANCED)
    invalid(
      "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length less than or equal to 8192.",
    )
  if (wanted === 'Standard' && present === 'Advanced') {
    // AWS: as in [terraform-provider-aws, aws_ssm_parameter].
    invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    )
  }
  if (present === 'Advanced' || wanted === 'Advanced') return 'Advanced' as const
  if (size <= STANDARD) return 'Standard' as const
  if (wanted === 'Intelligent-Tiering') return 'Advanced' as const
  // AWS: as many reports of PutParameter show it, without its link.
  return invalid(
    'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.',
  )
}

/** A regular expression of the caller's runs in a time limit: some take for ever. */
export function checkPattern(pattern: string, value: string): void {
  try {
    new RegExp(pattern)
  } catch {
    fail('InvalidAllowedPatternException', 'The request does not meet the regular expression requirement.')
  }
  const context = createContext({ pattern, value })
  let matches = false
  try {
    matches = new Script('new RegExp(pattern).test(value)').runInContext(context, { timeout: PATTERN_MS })
  } catch {
    fail(
      'InvalidAllowedPatternException',
      `The value can not be checked against ${pattern} within ${PATTERN_MS} ms: write the pattern without nested repetitions`,
    )
  }
  if (!matches)
    fail('ParameterPatternMismatchException', `Parameter value, cannot be validated against allowedPattern: ${pattern}`)
}

export function checkDataType(type: string): void {
  if (type === 'text') return
  if (type === 'aws:ec2:image' || type === 'aws:ssm:integration')
    invalid(`The data type ${type} is not supported by Codeyard: values are stored as text`)
  // AWS: as in [moto, tests/test_ssm].
  invalid(`The following data type is not supported: ${type} (Data type names are all lowercase.)`)
}

/** The key of a SecureString, as the caller named it. AWS: one that is left out is the default, also for a new version. */
export function keyOf(type: string, keyId: string | undefined): string | null {
  if (type !== 'SecureString') return keyId ? invalid('KeyId is required for SecureString type parameter only.') : null
  return keyId || DEFAULT_KEY
}

export function checkPolicies(policies: string | undefined): void {
  if (policies === undefined || /^\s*\[\s*(\{\s*\}\s*)?\]\s*$/.test(policies)) return
  const types = [...policies.matchAll(/"Type"\s*:\s*"([^"]*)"/g)].map(match => match[1])
  fail(
    'InvalidPolicyTypeException',
    `Parameter policies are not supported by Codeyard: ${types.join(', ') || policies}`,
  )
}

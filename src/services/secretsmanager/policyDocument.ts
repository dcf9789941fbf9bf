// Resource policies of secrets: what one may be, and whether it lets in everybody.

import { isServiceError } from '../../core/serviceError.ts'
import { type PolicyDocument, parsePolicy } from '../../policy/index.ts'
import { fail } from './errors.ts'

/** What is wrong with the policy, or undefined. */
export function policyProblem(text: string): string | undefined {
  try {
    JSON.parse(text)
  } catch {
    return 'This resource policy contains invalid Json'
  }
  try {
    parsePolicy(text, 'resource')
    return undefined
  } catch (error) {
    if (isServiceError(error)) return `This resource policy contains invalid elements: ${error.message}`
    throw error
  }
}

export function readPolicy(text: string): PolicyDocument {
  const problem = policyProblem(text)
  return problem ? fail('MalformedPolicyDocumentException', problem) : parsePolicy(text, 'resource')
}

/** An Allow for `*` without any condition. */
export const letsInEverybody = ({ Statement }: PolicyDocument): boolean =>
  Statement.some(({ Effect, Principal, NotPrincipal, Condition }) => {
    if (Effect !== 'Allow' || Condition) return false
    if (NotPrincipal !== undefined) return true
    const names = typeof Principal === 'object' ? Object.values(Principal).flat() : [Principal]
    return names.includes('*')
  })

// The room of IAM policies: read, compile, evaluate, explain. Pure; imports only core.

export { contextKeysOf } from './contextKeys.ts'
export { type PolicyDocument, type PolicyKind, parsePolicy, type Statement } from './document.ts'
export {
  type Decision,
  evaluate,
  type Layer,
  type Matched,
  type Policies,
  type PolicyRequest,
} from './evaluate.ts'
export type { PrincipalFacts } from './principals.ts'
export { deniedSentence } from './sentence.ts'

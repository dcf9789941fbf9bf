// Documents made ready to be asked many times: patterns split, conditions bound. Kept by their text, since the same few are asked again and again.

import { type Condition, compileCondition } from './conditions.ts'
import { type ConditionElement, list, readDocument, type Statement } from './document.ts'
import { type Glob, globOf, matchGlob } from './glob.ts'
import { compilePrincipals, type Grant, type PrincipalFacts } from './principals.ts'
import { type ContextLookup, compileTemplate, type Template } from './template.ts'

export interface CompiledStatement {
  readonly sid: string | undefined
  /** Position in its document, from 0. */
  readonly index: number
  readonly effect: 'Allow' | 'Deny'
  matchesAction(lowerCaseAction: string): boolean
  matchesResource(resource: string, context: ContextLookup): boolean
  /** Undefined when the statement does not speak of this caller; `anyone` for identity policies, which name nobody. */
  grantTo(facts: PrincipalFacts): Grant | undefined
  holds(context: ContextLookup): boolean
}

const KEPT = 5000
const compiled = new Map<string, readonly CompiledStatement[]>()

/** The statements of a document, by its text. Throws MalformedPolicyDocument for a text that is none: nothing is allowed by accident. */
export function compilePolicy(text: string): readonly CompiledStatement[] {
  const known = compiled.get(text)
  if (known) return known
  const document = readDocument(text)
  const variables = document.Version === '2012-10-17'
  const statements = document.Statement.map((statement, index) => compileStatement(statement, index, variables))
  if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value!)
  compiled.set(text, statements)
  return statements
}

function compileStatement(statement: Statement, index: number, variables: boolean): CompiledStatement {
  const { Effect: effect } = statement
  const conditions = compileConditions(statement.Condition ?? {}, variables)
  return {
    sid: statement.Sid,
    index,
    effect,
    matchesAction: compileActions(statement),
    matchesResource: compileResources(statement, variables),
    grantTo: compileGrant(statement),
    holds: context => conditions.every(condition => condition(context, effect)),
  }
}

/** Globs are sorted by the service they name, so that a document over hundreds of services costs no more than one over few. */
function compileActions({ Action, NotAction }: Statement): (action: string) => boolean {
  const anywhere: Glob[] = []
  const byService = new Map<string, Glob[]>()
  for (const pattern of list(Action ?? NotAction)) {
    const text = pattern.toLowerCase()
    const service = /^[^:*?]+(?=:)/.exec(text)?.[0]
    const globs = service === undefined ? anywhere : (byService.get(service) ?? [])
    globs.push(globOf(text, 'text'))
    if (service !== undefined) byService.set(service, globs)
  }
  const named = (action: string) => {
    const own = byService.get(action.slice(0, action.indexOf(':')))
    return anywhere.some(glob => matchGlob(glob, action)) || (own?.some(glob => matchGlob(glob, action)) ?? false)
  }
  return NotAction === undefined ? named : action => !named(action)
}

function compileResources(
  { Resource, NotResource, Effect }: Statement,
  variables: boolean,
): CompiledStatement['matchesResource'] {
  if (Resource === undefined && NotResource === undefined) return () => true // trust policies: the role itself
  const templates = list(Resource ?? NotResource).map(
    (source): Template => compileTemplate(source, source === '*' ? 'text' : 'arn', variables),
  )
  if (NotResource === undefined) {
    return (resource, context) =>
      templates.some(template => {
        const glob = template.glob(context)
        return glob !== undefined && matchGlob(glob, resource)
      })
  }
  return (resource, context) =>
    templates.every(template => {
      const glob = template.glob(context)
      return glob === undefined ? Effect === 'Deny' : !matchGlob(glob, resource)
    })
}

function compileGrant({ Principal, NotPrincipal }: Statement): CompiledStatement['grantTo'] {
  if (Principal !== undefined) return compilePrincipals(Principal)
  if (NotPrincipal === undefined) return () => 'anyone'
  const excluded = compilePrincipals(NotPrincipal)
  return facts => (excluded(facts) ? undefined : 'anyone')
}

function compileConditions(element: ConditionElement, variables: boolean): Condition[] {
  return Object.entries(element).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      compileCondition(operator, key, [values].flat().map(String), variables),
    ),
  )
}

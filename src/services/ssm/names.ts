// Names of parameters: how they look, what an ARN or a selector makes of them, and how IAM sees them.

import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import { fail, invalid } from './errors.ts'

const LEVELS = 15
const LONGEST = 1011

/** AWS: a name with or without its leading slash has the same form of ARN [Working with parameters using IAM policies]. */
export const parameterArn = (scope: Scope, name: string) =>
  formatArn('ssm', scope, `parameter${name.startsWith('/') ? '' : '/'}${name}`)

/** What a caller means: names (an ARN may mean two) and, after a colon, a version or a label. */
export interface ParameterReference {
  readonly names: readonly string[]
  /** `:3` or `:label`, as the answer repeats it. */
  readonly selector?: string
}

/** Reads `name`, `name:3`, `name:label` or an ARN with any of these. */
export function readReference(scope: Scope, text: string): ParameterReference {
  const arn = parseArn(text)
  const plain = arn ? ownResource(scope, arn, text) : text
  const [name, selector, ...more] = plain.split(':')
  if (!name || more.length > 0 || selector === '') invalidName()
  return { names: arn ? namesOfArn(name!) : [name!], ...(selector && { selector: `:${selector}` }) }
}

/** A name or an ARN, without a selector. */
export function readName(scope: Scope, text: string): readonly string[] {
  const { names, selector } = readReference(scope, text)
  return selector ? invalidName() : names
}

function ownResource(scope: Scope, arn: NonNullable<ReturnType<typeof parseArn>>, text: string): string {
  const own = arn.service === 'ssm' && arn.account === scope.account && arn.region === scope.region
  if (!own) invalid(`${text} is no parameter of account ${scope.account} in ${scope.region}: sharing is not supported`)
  return arn.resource.replace(/^parameter/, '')
}

/** `/a` in an ARN may be the parameter `a` or `/a`; a path is only itself. */
const namesOfArn = (path: string) => (path.lastIndexOf('/') > 0 ? [path] : [path.slice(1), path])

export function checkNewName(name: string): void {
  const path = name.startsWith('/')
  if (!path && name.includes('/')) invalid('Parameter name must be a fully qualified name.')
  if (/^\/aws\/./i.test(name)) fail('AccessDeniedException', `No access to reserved parameter name: ${name}.`)
  if (/^\/?(aws|ssm)/i.test(name) || !/^[A-Za-z0-9_./-]+$/.test(name) || /\/\/|\/$/.test(name)) invalidName()
  if (name.length > LONGEST) invalid(`Parameter name: can't be longer than ${LONGEST} characters.`)
  if (name.split('/').filter(Boolean).length > LEVELS)
    fail('HierarchyLevelLimitExceededException', `A parameter name hierarchy can have a maximum of ${LEVELS} levels.`)
}

// AWS: as in [moto, tests/test_ssm].
const invalidName = () =>
  invalid(
    'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
  )

/** The path of GetParametersByPath and of Path filters, with one slash at its end. */
export function readPath(path: string): string {
  if (!/^\/[A-Za-z0-9_.\-/]*$/.test(path) || path.includes('//')) {
    // AWS: as in [moto, tests/test_ssm].
    invalid(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
    )
  }
  return path.endsWith('/') ? path : `${path}/`
}

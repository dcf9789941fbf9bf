// What a target is given: the event, a part of it, a constant, or a template filled from it. Pure.

import type { Target } from '@aws-sdk/client-eventbridge'
import type { EventRecord } from '../../operation/call.ts'
import { atPath, parsePath } from './jsonPath.ts'

export interface MatchedRule {
  readonly name: string
  readonly arn: string
}

type InputSettings = Pick<Target, 'Input' | 'InputPath' | 'InputTransformer'>

/** The text that the target receives. `ingested` is when the bus took the event. */
export function targetInput(settings: InputSettings, event: EventRecord, rule: MatchedRule, ingested: Date): string {
  if (settings.Input !== undefined) return settings.Input
  if (settings.InputPath !== undefined) return JSON.stringify(atPath(event, settings.InputPath) ?? {})
  const { InputPathsMap: paths = {}, InputTemplate: template } = settings.InputTransformer ?? {}
  if (template === undefined) return JSON.stringify(event)
  const variables = new Map<string, unknown>(Object.entries(paths).map(([name, path]) => [name, atPath(event, path)]))
  variables.set('aws.events.rule-name', rule.name)
  variables.set('aws.events.rule-arn', rule.arn)
  variables.set('aws.events.event.ingestion-time', ingested.toISOString())
  variables.set('aws.events.event', event)
  variables.set('aws.events.event.json', event)
  return fillTemplate(template, variables)
}

/** AWS: predefined variables that every template may use (EventBridge user guide, Input transformation). */
const PREDEFINED = /^aws\.events\.(rule-name|rule-arn|event|event\.json|event\.ingestion-time)$/

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g

/**
 * Replaces `<name>`. Inside of quotes a value is its text, outside it is JSON, so a template may leave out the quotes
 * around a string.
 */
export function fillTemplate(template: string, variables: ReadonlyMap<string, unknown>): string {
  let quoted = false
  let seen = 0
  return template.replace(PLACEHOLDER, (whole, name: string, at: number) => {
    for (; seen < at; seen++) {
      if (template[seen] === '\\' && quoted) seen++
      else if (template[seen] === '"') quoted = !quoted
    }
    if (!variables.has(name)) return whole
    const value = variables.get(name)
    if (!quoted) return value === undefined ? 'null' : JSON.stringify(value)
    if (value === undefined || value === null) return ''
    if (typeof value === 'string') return JSON.stringify(value).slice(1, -1)
    // AWS: an object put into a quoted string loses its quotation marks.
    return JSON.stringify(value).replaceAll(/\\?"/g, '')
  })
}

/** Why the settings are refused, in one sentence; undefined when they are fine. */
export function inputProblem(target: InputSettings & Pick<Target, 'Id'>): string | undefined {
  const given = [target.Input, target.InputPath, target.InputTransformer].filter(one => one !== undefined)
  if (given.length > 1)
    return `Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`
  if (target.Input !== undefined && !isJson(target.Input)) return `JSON syntax error in input for target ${target.Id}.`
  if (target.InputPath !== undefined && !parsePath(target.InputPath))
    return `Invalid InputPath for target ${target.Id}: ${target.InputPath}`
  const { InputPathsMap: paths = {}, InputTemplate: template = '' } = target.InputTransformer ?? {}
  for (const [name, path] of Object.entries(paths)) {
    if (/^aws\./i.test(name)) return `InputPathsMap for target ${target.Id} may not use the reserved name ${name}.`
    if (!parsePath(path)) return `Invalid InputPathsMap for target ${target.Id}: ${path}`
  }
  for (const [, name] of template.matchAll(PLACEHOLDER)) {
    if (!Object.hasOwn(paths, name!) && !PREDEFINED.test(name!))
      return `InputTemplate for target ${target.Id} contains placeholder <${name}> which is not in InputPathsMap.`
  }
  return undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

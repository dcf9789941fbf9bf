// Names and ARNs of groups and streams, and what "name or ARN" means where an operation takes an identifier.

import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import { invalid } from './errors.ts'

/** Without the trailing `:*`: what tagging and `logGroupArn` use. */
export const groupArn = (scope: Scope, name: string) => formatArn('logs', scope, `log-group:${name}`)

export const streamArn = (scope: Scope, group: string, stream: string) =>
  formatArn('logs', scope, `log-group:${group}:log-stream:${stream}`)

/** The group's name in `arn:aws:logs:...:log-group:NAME[:*]`, or undefined. */
export function groupNameOfArn(arn: string): string | undefined {
  const resource = parseArn(arn)?.resource
  return resource?.match(/^log-group:([^:]+)(?::\*)?$/)?.[1]
}

interface Named {
  readonly logGroupName?: string | undefined
  readonly logGroupIdentifier?: string | undefined
}

/** The group's name out of `logGroupName` or `logGroupIdentifier`; exactly one must be given. */
export function groupNameOf(input: Named): string {
  const { logGroupName, logGroupIdentifier } = input
  if (logGroupName !== undefined && logGroupIdentifier !== undefined)
    invalid('LogGroup name and LogGroup ARN are mutually exclusive parameters.')
  return identifiedGroup(input) ?? invalid('Either logGroupName or logGroupIdentifier must be specified.')
}

/** As groupNameOf, for authorization: undefined when nothing usable is given. */
export function identifiedGroup({ logGroupName, logGroupIdentifier }: Named): string | undefined {
  if (logGroupName !== undefined || logGroupIdentifier === undefined) return logGroupName
  return logGroupIdentifier.startsWith('arn:') ? groupNameOfArn(logGroupIdentifier) : logGroupIdentifier
}

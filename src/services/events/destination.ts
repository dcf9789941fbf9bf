// Where a target's ARN leads. What the house cannot deliver to is refused when it is put, by name.

import type { Target } from '@aws-sdk/client-eventbridge'
import { parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import { inputProblem } from './input.ts'

export type Destination =
  | { readonly kind: 'topic'; readonly arn: string }
  | { readonly kind: 'pipeline'; readonly name: string; readonly roleArn: string }
  | { readonly kind: 'build'; readonly project: string; readonly roleArn: string }
  | { readonly kind: 'logGroup'; readonly name: string }
  | { readonly kind: 'bus'; readonly name: string }

type Read = { readonly destination: Destination } | { readonly problem: string }

const SUPPORTED = 'SNS topics, CodePipeline pipelines, CodeBuild projects, CloudWatch log groups and event buses'

/** The destination, or the sentence with which PutTargets refuses the target. */
export function readDestination(target: Target, scope: Scope): Read {
  const { Arn: text = '', Id: id = '', RoleArn: roleArn } = target
  const arn = parseArn(text)
  if (!arn) return { problem: `Parameter ${text} is not valid. Reason: Provided Arn is not in correct format.` }
  const wrong = inputProblem(target)
  if (wrong) return { problem: wrong }
  if (target.DeadLetterConfig)
    return { problem: `Codeyard has no SQS queues, so target ${id} cannot have a DeadLetterConfig.` }
  if (arn.account !== scope.account || arn.region !== scope.region)
    return { problem: `Codeyard delivers within one account and region only: target ${id} is ${text}.` }

  const name = (prefix: string) => (arn.resource.startsWith(prefix) ? arn.resource.slice(prefix.length) : '')
  switch (arn.service) {
    case 'sns':
      return { destination: { kind: 'topic', arn: text } }
    case 'codepipeline':
      return roleArn ? { destination: { kind: 'pipeline', name: arn.resource, roleArn } } : roleMissing(text)
    case 'codebuild':
      if (!name('project/')) break
      return roleArn ? { destination: { kind: 'build', project: name('project/'), roleArn } } : roleMissing(text)
    case 'logs':
      if (!name('log-group:')) break
      return { destination: { kind: 'logGroup', name: name('log-group:').replace(/:\*$/, '') } }
    case 'events':
      if (!name('event-bus/')) break
      return { destination: { kind: 'bus', name: name('event-bus/') } }
  }
  return { problem: `Codeyard cannot deliver to target ${id} (${text}): it delivers to ${SUPPORTED}.` }
}

const roleMissing = (arn: string): Read => ({ problem: `RoleArn is required for target ${arn}.` })

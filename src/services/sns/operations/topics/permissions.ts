// AddPermission and RemovePermission: statements of a topic's policy, by label.

import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn, topicArn } from '../../arns.ts'
import { fail, invalid } from '../../errors.ts'
import { defaultPolicy } from '../../topicAttributes.ts'
import { lockTopic, saveTopic, type TopicRow } from '../../topics.ts'

// AWS: the actions that may be granted (AddPermission, API reference).
const ACTIONS = new Set(
  'AddPermission DeleteTopic GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource Publish PutDataProtectionPolicy RemovePermission SetTopicAttributes Subscribe'.split(
    ' ',
  ),
)

export const addPermission: Handler<'sns', 'AddPermission'> = async (call, input) => {
  const key = readTopicArn(input.TopicArn)
  const topic = await lockTopic(call.tx, key)
  const policy = policyOf(topic, defaultPolicy(key))
  if (policy.Statement.some(statement => statement.Sid === input.Label)) invalid('Statement already exists')
  const unknown = input.ActionName.find(name => !ACTIONS.has(name))
  if (unknown !== undefined) invalid('Policy statement action out of service scope!')
  const wrong = input.AWSAccountId.find(id => !/^\d{12}$/.test(id))
  if (wrong !== undefined) fail('InvalidParameterException', 'Invalid parameter: AWSAccountId')
  const principals = input.AWSAccountId.map(id => `arn:aws:iam::${id}:root`)
  const actions = input.ActionName.map(name => `SNS:${name}`)
  const statement = {
    Sid: input.Label,
    Effect: 'Allow',
    Principal: { AWS: principals.length === 1 ? principals[0] : principals },
    Action: actions.length === 1 ? actions[0] : actions,
    Resource: topicArn(key),
  }
  const Policy = JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] })
  await saveTopic(call.tx, key, { ...topic, attributes: { ...topic.attributes, Policy } })
  return {}
}

export const removePermission: Handler<'sns', 'RemovePermission'> = async (call, input) => {
  const key = readTopicArn(input.TopicArn)
  const topic = await lockTopic(call.tx, key)
  const policy = policyOf(topic, defaultPolicy(key))
  const Statement = policy.Statement.filter(statement => statement.Sid !== input.Label)
  const Policy = JSON.stringify({ ...policy, Statement })
  await saveTopic(call.tx, key, { ...topic, attributes: { ...topic.attributes, Policy } })
  return {}
}

interface Policy {
  readonly Statement: readonly { readonly Sid?: string }[]
}

function policyOf(topic: TopicRow, otherwise: string): Policy {
  const policy = JSON.parse(topic.attributes.Policy ?? otherwise)
  return { ...policy, Statement: Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement] }
}

// CreatePolicy: a managed policy of the account, with version v1 in force.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { iamArn } from '../../arns.ts'
import { checkedPolicy, fail, insertOr, overQuota, policySize } from '../../errors.ts'
import { UNUSED } from '../../managed/attachments.ts'
import { fullPolicyShape, insertPolicy } from '../../managed/policies.ts'
import { checkTags } from '../../tags.ts'

const LARGEST = 6144

export function checkedManaged(text: string): string {
  const document = checkedPolicy(text, 'identity')
  if (policySize(document) > LARGEST) overQuota('PolicySize', LARGEST)
  return document
}

export const createPolicy: Handler<'iam', 'CreatePolicy'> = async ({ tx, scope, ids, now }, input) => {
  const { PolicyName: name, Path: path = '/' } = input
  const policy = {
    arn: iamArn(scope.account, `policy${path}${name}`),
    id: `ANPA${ids.text(17, BASE32)}`,
    account: scope.account,
    name,
    path,
    description: input.Description ?? null,
    created_at: now,
    tags: checkTags(input.Tags),
    document: checkedManaged(input.PolicyDocument),
  }
  await insertOr(
    () => tx.nested(() => insertPolicy(tx, policy)),
    () =>
      fail('EntityAlreadyExistsException', `A policy called ${name} already exists. Duplicate names are not allowed.`),
  )
  const { Description: _, ...shape } = fullPolicyShape({ ...policy, updated_at: now, default_version: 1 }, UNUSED)
  return { Policy: shape }
}

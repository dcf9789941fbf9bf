// Tags of applications and deployment groups, by ARN.

import { parseArn } from '../../../../core/arn.ts'
import type { Scope } from '../../../../core/scope.ts'
import type { Handler } from '../../../../operation/handler.ts'
import type { Tx } from '../../../../store/tx.ts'
import { findApplication } from '../../applications.ts'
import { fail } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { setTags, tagsOf } from '../../tags.ts'

export const tagResource: Handler<'codedeploy', 'TagResource'> = async ({ tx, scope }, input) => {
  await checkResource(tx, scope, input.ResourceArn)
  await setTags(tx, scope, input.ResourceArn, input.Tags)
  return {}
}

export const untagResource: Handler<'codedeploy', 'UntagResource'> = async ({ tx, scope }, input) => {
  await checkResource(tx, scope, input.ResourceArn)
  await tx.run`
    delete from codedeploy.tags where account = ${scope.account} and region = ${scope.region}
      and arn = ${input.ResourceArn} and key = any(${input.TagKeys})`
  return {}
}

export const listTagsForResource: Handler<'codedeploy', 'ListTagsForResource'> = async ({ tx, scope }, input) => {
  await checkResource(tx, scope, input.ResourceArn)
  return { Tags: await tagsOf(tx, scope, input.ResourceArn) }
}

async function checkResource(tx: Tx, scope: Scope, text: string): Promise<void> {
  const arn = parseArn(text)
  if (arn?.service !== 'codedeploy')
    return fail('InvalidArnException', `The specified ARN is not in a valid format: ${text}`)
  const [kind, name = ''] = arn.resource.split(':')
  if (kind === 'application') await findApplication(tx, scope, name)
  else if (kind === 'deploymentgroup') {
    const [application, group] = name.split('/')
    await findGroup(tx, await findApplication(tx, scope, application), group ?? '')
  } else fail('ArnNotSupportedException', `The specified ARN is not supported: ${text}`)
}

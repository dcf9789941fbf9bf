// TagResource, UntagResource, ListTagsForResource: tags of pipelines.

import { parseArn } from '../../../../core/arn.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findPipeline } from '../../pipelines.ts'

const MOST_TAGS = 50

export const tagResource: Handler<'codepipeline', 'TagResource'> = async (call, { resourceArn, tags }) => {
  const pipeline = await tagged(call, resourceArn)
  const kept = new Map(pipeline.tags.map(tag => [tag.key, tag]))
  for (const { key, value } of tags) kept.set(key!, { key: key!, value: value! })
  if (kept.size > MOST_TAGS) fail('TooManyTagsException', `A resource can have at most ${MOST_TAGS} tags`)
  await save(call, pipeline.id, [...kept.values()])
  return {}
}

export const untagResource: Handler<'codepipeline', 'UntagResource'> = async (call, { resourceArn, tagKeys }) => {
  const pipeline = await tagged(call, resourceArn)
  await save(
    call,
    pipeline.id,
    pipeline.tags.filter(({ key }) => !tagKeys.includes(key)),
  )
  return {}
}

export const listTagsForResource: Handler<'codepipeline', 'ListTagsForResource'> = async (call, { resourceArn }) => ({
  tags: [...(await tagged(call, resourceArn)).tags],
})

async function tagged(call: Call, arn: string) {
  const parsed = parseArn(arn)
  if (parsed?.service !== 'codepipeline') return fail('InvalidArnException', `${arn} is not the ARN of a pipeline`)
  const pipeline = await findPipeline(call.tx, call.scope, parsed.resource)
  return pipeline ?? fail('ResourceNotFoundException', `There is no resource with the ARN ${arn}`)
}

async function save(call: Call, id: string, tags: readonly { key: string; value: string }[]): Promise<void> {
  await call.tx.run`update codepipeline.pipeline set tags = ${JSON.stringify(tags)} where id = ${id}`
}

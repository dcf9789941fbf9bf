// GetObjectTagging, PutObjectTagging, DeleteObjectTagging: the tag set of one version.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { announce } from '../../events.ts'
import { setTags, shownVersion, type Tag } from '../../objects.ts'
import { requireVersion, type VersionInput } from '../../readVersion.ts'
import { checkObjectTags } from '../../tags.ts'

export const getObjectTagging: Handler<'s3', 'GetObjectTagging'> = async ({ tx }, input) => {
  const { bucket, version } = await requireVersion(tx, input)
  return { VersionId: shownVersion(bucket, version), TagSet: [...version.tags] }
}

export const putObjectTagging: Handler<'s3', 'PutObjectTagging'> = (call, input) =>
  tag(call, input, checkObjectTags(input.Tagging?.TagSet ?? []))

export const deleteObjectTagging: Handler<'s3', 'DeleteObjectTagging'> = (call, input) => tag(call, input, [])

async function tag(call: Call, input: VersionInput, tags: readonly Tag[]) {
  const { bucket, version } = await requireVersion(call.tx, input)
  await setTags(call.tx, version, tags)
  await announce(call, bucket, { type: tags.length > 0 ? 'Object Tags Added' : 'Object Tags Deleted' }, [version])
  return { VersionId: shownVersion(bucket, version) }
}

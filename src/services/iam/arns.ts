// ARNs of what IAM keeps: global, so without a region.

import { formatArn } from '../../core/arn.ts'
import { uriEncode } from '../../protocol/sigv4/canonicalRequest.ts'

export const iamArn = (account: string, resource: string) => formatArn('iam', { account, region: '' }, resource)

/** `user/team/alice`: paths begin and end with a slash. */
export const entityArn = (entity: { account: string; kind: string; path: string; name: string }) =>
  iamArn(entity.account, `${entity.kind}${entity.path}${entity.name}`)

/** AWS: documents are returned percent-encoded [IAM API reference, GetUserPolicy]. */
export const encodedDocument = uriEncode

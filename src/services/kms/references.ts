// How requests name a key: by id, by ARN, by alias, by an alias's ARN. Pure.

import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import { fail } from './errors.ts'

export interface Reference {
  readonly account: string
  readonly by: 'id' | 'alias'
  /** The id, or `alias/name`. */
  readonly value: string
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ALIAS = /^alias\/[a-zA-Z0-9/_-]+$/

export function readReference(scope: Scope, text: string): Reference {
  // AWS: "Invalid keyId 'x'" and "Invalid arn us-west-2" as recorded on AWS [localstack, test_kms.snapshot.json]; the text of InvalidArnException is ours.
  const invalid = () => fail('NotFoundException', `Invalid keyId '${text}'`)
  if (!text.startsWith('arn:')) {
    if (ID.test(text)) return { account: scope.account, by: 'id', value: text.toLowerCase() }
    return ALIAS.test(text) ? { account: scope.account, by: 'alias', value: text } : invalid()
  }
  const arn = parseArn(text)
  if (arn?.service !== 'kms' || !/^\d{12}$/.test(arn.account)) return fail('InvalidArnException', `Invalid arn ${text}`)
  if (arn.region !== scope.region) return fail('NotFoundException', `Invalid arn ${arn.region}`)
  const [, id] = /^key\/(.+)$/.exec(arn.resource) ?? []
  if (id) return { account: arn.account, by: 'id', value: id.toLowerCase() }
  return ALIAS.test(arn.resource) ? { account: arn.account, by: 'alias', value: arn.resource } : invalid()
}

export const keyArn = ({ account, region, key_id }: Scope & { readonly key_id: string }) =>
  formatArn('kms', { account, region }, `key/${key_id}`)

export const aliasArn = (scope: Scope, name: string) => formatArn('kms', scope, name)

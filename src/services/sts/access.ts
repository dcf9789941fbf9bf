// Which permissions STS asks for. AssumeRole needs the role's trust policy to agree; who asks only for itself needs none.

import { parseArn } from '../../core/arn.ts'
import type { Access, AccessCall } from '../../operation/service.ts'

type Tag = { readonly Key: string; readonly Value: string }

export function access(_call: AccessCall, operation: string, input: any): Access[] {
  switch (operation) {
    // AWS: "No permissions are required to perform this operation" [STS API reference, GetCallerIdentity, GetSessionToken]
    case 'GetCallerIdentity':
    case 'GetSessionToken':
      return []
    case 'AssumeRole':
      return assumeRole(input)
    default:
      return [{ action: `sts:${operation}`, resource: '*' }]
  }
}

function assumeRole(input: any): Access[] {
  const tags: readonly Tag[] = input.Tags ?? []
  const keys = tags.map(tag => tag.Key)
  const context = {
    'sts:RoleSessionName': input.RoleSessionName,
    ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
    ...(input.SourceIdentity === undefined ? {} : { 'sts:SourceIdentity': input.SourceIdentity }),
    ...(keys.length > 0 ? { 'aws:TagKeys': keys } : {}),
    ...(input.TransitiveTagKeys?.length ? { 'sts:TransitiveTagKeys': input.TransitiveTagKeys } : {}),
    ...Object.fromEntries(tags.map(tag => [`aws:RequestTag/${tag.Key}`, tag.Value])),
  }
  const resource: string = input.RoleArn
  const owner = parseArn(resource)?.account
  const actions = [
    'sts:AssumeRole',
    ...(keys.length > 0 ? ['sts:TagSession'] : []),
    ...(input.SourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ]
  return actions.map(action => ({ action, resource, context, ...(owner ? { owner } : {}) }))
}

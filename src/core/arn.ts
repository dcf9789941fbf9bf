// Amazon Resource Names: parsing and writing. One partition, `aws`, unless the text says otherwise.

export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

/** Reads `arn:partition:service:region:account:resource`; undefined when the text is no ARN. The resource keeps its colons. */
export function parseArn(text: string): Arn | undefined {
  const [prefix, partition, service, region, account, ...rest] = text.split(':')
  if (prefix !== 'arn' || !partition || !service || rest.length === 0) return undefined
  return { partition, service, region: region ?? '', account: account ?? '', resource: rest.join(':') }
}

/** Writes an ARN of `service` in `scope`. Global services (iam, s3 ...) pass a scope with an empty region or account. */
export function formatArn(service: string, scope: { account: string; region: string }, resource: string): string {
  return `arn:aws:${service}:${scope.region}:${scope.account}:${resource}`
}

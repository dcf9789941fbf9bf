// Is a bucket policy public? As S3's Block Public Access decides it.
// AWS: "The meaning of 'public'" [Amazon S3 user guide, access-control-block-public-access]: an Allow is public unless its principal
// is fixed, or a condition narrows it to fixed values of the keys below.

interface Statement {
  readonly Effect?: string
  readonly Principal?: unknown
  readonly NotPrincipal?: unknown
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const NARROWING = new Set([
  'aws:sourceip',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:userid',
  'aws:principalorgid',
  'aws:principalarn',
  'aws:principalaccount',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
])

export function isPublicPolicy(text: string): boolean {
  const { Statement } = JSON.parse(text) as { Statement?: Statement | Statement[] }
  return [Statement ?? []]
    .flat()
    .some(statement => statement.Effect === 'Allow' && isOpen(statement) && !isNarrowed(statement))
}

/** Anybody may be meant: `*`, or everybody but some. */
function isOpen({ Principal, NotPrincipal }: Statement): boolean {
  if (NotPrincipal !== undefined) return true
  const names = typeof Principal === 'object' && Principal !== null ? Object.values(Principal).flat() : [Principal]
  return names.includes('*')
}

function isNarrowed({ Condition = {} }: Statement): boolean {
  return Object.entries(Condition).some(([operator, keys]) => {
    if (/not|null/i.test(operator) || /ifexists$/i.test(operator)) return false
    return Object.entries(keys).some(
      ([key, values]) => NARROWING.has(key.toLowerCase()) && [values].flat().every(isFixed),
    )
  })
}

/** No wildcards and no policy variables; addresses of everybody are not fixed either. */
function isFixed(value: unknown): boolean {
  const text = String(value)
  return !/[*?]|\$\{/.test(text) && !/\/0$/.test(text)
}

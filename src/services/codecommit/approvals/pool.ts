// Who belongs to an approval pool. Pure.

/**
 * AWS: a member is an ARN, or `CodeCommitApprovers:ACCOUNT:NAME`, which counts IAM users and federated users of that name; a session of a
 * role counts by `ROLE/SESSION`; both forms take wildcards [how-to-create-pull-request-approval-rule].
 */
export function inPool(member: string, userArn: string): boolean {
  const short = /^CodeCommitApprovers:(\d{12}):(.+)$/.exec(member)
  if (!short) return matches(member, userArn)
  const [, account, name] = short
  const user = /^arn:[^:]+:(?:iam|sts)::(\d{12}):(.+)$/.exec(userArn)
  if (!user || user[1] !== account) return false
  return namesOf(user[2]!).some(one => matches(name!, one))
}

/** `user/team/Mary` -> itself, `team/Mary`, `Mary`; `assumed-role/Review/mary` -> itself, `Review/mary`. */
function namesOf(resource: string): string[] {
  const [kind = '', ...rest] = resource.split('/')
  const name = rest.join('/')
  switch (kind) {
    case 'user':
      return [resource, name, rest.at(-1)!]
    case 'assumed-role':
    case 'federated-user':
      return [resource, name]
    default:
      return [resource]
  }
}

/** Stars match anything. Costs no more than one pass for each piece between two stars. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...pieces] = pattern.split('*')
  const last = pieces.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

export const isPoolMember = (member: unknown): member is string =>
  typeof member === 'string' && /^(?:CodeCommitApprovers:\d{12}:\S|arn:[^:\s]+:(?:iam|sts)::\d{12}:\S)/.test(member)

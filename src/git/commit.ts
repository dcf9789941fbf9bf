// A commit object taken apart, and put together for commits that are made through the API.

export interface Signature {
  readonly name: string
  readonly email: string
  /** Seconds since 1970 and the offset, as git writes them: `1484167798 -0800`. */
  readonly date: string
}

export interface Commit {
  readonly id: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
  /** Headers that git knows besides these: signatures, encodings, merged tags. */
  readonly extra: string
}

export function parseCommit(id: string, content: Buffer): Commit {
  const end = content.indexOf('\n\n')
  const head = content.subarray(0, end === -1 ? content.length : end).toString('utf8')
  const message = end === -1 ? '' : content.subarray(end + 2).toString('utf8')
  const commit = { tree: '', parents: [] as string[], author: NOBODY, committer: NOBODY, extra: [] as string[] }
  // A header that starts with a space goes on from the line before.
  for (const header of head.split(/\n(?! )/)) {
    const space = header.indexOf(' ')
    const value = header.slice(space + 1)
    switch (header.slice(0, space)) {
      case 'tree':
        commit.tree = value
        break
      case 'parent':
        commit.parents.push(value)
        break
      case 'author':
        commit.author = parseSignature(value)
        break
      case 'committer':
        commit.committer = parseSignature(value)
        break
      default:
        commit.extra.push(header)
    }
  }
  return { id, ...commit, extra: commit.extra.join('\n'), message }
}

const NOBODY: Signature = { name: '', email: '', date: '' }

function parseSignature(text: string): Signature {
  const found = /^(.*?) ?<([^>]*)> ?(.*)$/s.exec(text)
  return found ? { name: found[1]!, email: found[2]!, date: found[3]! } : { ...NOBODY, name: text }
}

/** Git refuses names with brackets and line breaks, and trims these characters at both ends. */
export function signature(name: string, email: string, at: Date): Signature {
  const clean = (text: string) =>
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what has to go
      .replace(/[<>\n\x00]/g, '')
      .replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, '')
  return { name: clean(name) || 'unknown', email: clean(email), date: `${Math.floor(at.getTime() / 1000)} +0000` }
}

export function commitContent(commit: Omit<Commit, 'id' | 'extra'>): Buffer {
  const line = ({ name, email, date }: Signature) => `${name} <${email}> ${date}`
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${line(commit.author)}`,
    `committer ${line(commit.committer)}`,
  ]
  return Buffer.from(`${head.join('\n')}\n\n${commit.message.replaceAll('\0', '')}`)
}

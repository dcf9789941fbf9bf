// What a source version of a git source names. Pure.

import type { ProjectSource } from '@aws-sdk/client-codebuild'

export type GitVersion =
  /** What the repository's HEAD names. */
  | { readonly kind: 'default' }
  | { readonly kind: 'commit'; readonly sha: string }
  /** A branch or a tag by its short name. */
  | { readonly kind: 'name'; readonly name: string }
  /** A reference in full, and the commit in its history when there is one. */
  | { readonly kind: 'ref'; readonly ref: string; readonly sha?: string }
  | { readonly kind: 'invalid' }

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

// AWS: commit, branch, tag, `refs/heads/x`, `refs/heads/x^{full-commit-SHA}`, `pr/25` of GitHub [sample-source-version, ProjectSourceVersion].
export function readGitVersion(version: string | undefined, type: ProjectSource['type']): GitVersion {
  const text = version?.trim() ?? ''
  if (text === '') return { kind: 'default' }
  if (SHA.test(text)) return { kind: 'commit', sha: text }
  const [, before, sha] = /^(.+)\^\{([0-9a-f]+)\}$/.exec(text) ?? []
  if (before !== undefined) {
    const ref = inFull(before, type)
    return SHA.test(sha!) && isReferenceName(ref) ? { kind: 'ref', ref, sha } : { kind: 'invalid' }
  }
  if (!isReferenceName(text)) return { kind: 'invalid' }
  const request = requestReference(text, type)
  if (request) return { kind: 'ref', ref: request }
  if (text.startsWith('refs/heads/')) return { kind: 'name', name: text.slice('refs/heads/'.length) }
  if (text.startsWith('refs/')) return { kind: 'ref', ref: text }
  return { kind: 'name', name: text }
}

const inFull = (name: string, type: ProjectSource['type']) =>
  requestReference(name, type) ?? (name.startsWith('refs/') ? name : `refs/heads/${name}`)

/** Where the provider keeps the head of a pull or merge request. */
function requestReference(text: string, type: ProjectSource['type']): string | undefined {
  const [, number] = /^(?:pr|mr)\/(\d{1,9})$/.exec(text) ?? []
  if (number === undefined) return undefined
  if (type === 'GITHUB' || type === 'GITHUB_ENTERPRISE') return `refs/pull/${number}/head`
  if (type === 'GITLAB' || type === 'GITLAB_SELF_MANAGED') return `refs/merge-requests/${number}/head`
  return undefined
}

/** The rules of git check-ref-format, and no leading dash. */
export const isReferenceName = (name: string) =>
  name.length <= 1024 &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|^[-/.]|[/.]$|\.lock(?:\/|$)|^@$/.test(name)

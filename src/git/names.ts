// Which names may reach git: the rules of git check-ref-format and of tree entries, decided before any process starts.

export const ZERO_ID = '0000000000000000000000000000000000000000'
/** The tree without entries; git knows it without it being stored. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** 40 lower-case hexadecimal digits. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a reference may not have
const FORBIDDEN = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|^@$/

/** A full reference name (`refs/heads/main`) that `git check-ref-format` accepts. */
export function isReferenceName(name: string): boolean {
  if (!name.startsWith('refs/') || Buffer.byteLength(name) > 1024 || FORBIDDEN.test(name)) return false
  const parts = name.split('/')
  return parts.length >= 3 && parts.every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}

/** A branch's short name (`feature/x`); like git, not one that starts with a dash, nor `HEAD`. */
export function isBranchName(name: string): boolean {
  return !name.startsWith('-') && name !== 'HEAD' && isReferenceName(`refs/heads/${name}`)
}

/** A path of a file in a tree: relative, no empty, `.`, `..` or `.git` part, no NUL. */
export function isTreePath(path: string): boolean {
  return path !== '' && !path.includes('\0') && path.split('/').every(isEntryName)
}

function isEntryName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git'
}

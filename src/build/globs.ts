// The glob rules of artifacts, reports and caches: `*` stays in one directory, `**` crosses them.

/**
 * A matcher for paths relative to the base directory, without a leading `./`. `**` followed by a slash matches no
 * directory as well, so `**` + `/*` is every file; a pattern that names a directory matches nothing (files only).
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const source = normal(pattern)
  let out = ''
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!
    if (source.startsWith('**/', at) && (at === 0 || source[at - 1] === '/')) {
      out += '(?:[^/]+/)*'
      at += 2
    } else if (source.startsWith('**', at)) {
      out += '.*'
      at += 1
    } else if (char === '*') out += '[^/]*'
    else if (char === '?') out += '[^/]'
    else if (char === '[') {
      const end = source.indexOf(']', at + 2)
      if (end < 0) out += '\\['
      else {
        const body = source
          .slice(at + 1, end)
          .replace(/^[!^]/, '^')
          .replaceAll('\\', '\\\\')
        out += `[${body}]`
        at = end
      }
    } else if (char === '{') {
      const end = source.indexOf('}', at)
      if (end < 0) out += '\\{'
      else {
        out += `(?:${source
          .slice(at + 1, end)
          .split(',')
          .map(RegExp.escape)
          .join('|')})`
        at = end
      }
    } else out += RegExp.escape(char)
  }
  const expression = new RegExp(`^${out}$`, 's')
  return path => expression.test(path)
}

/** The directory (or the file, when there is no wildcard) below which everything that `pattern` matches lies; '' is the base. */
export function staticPrefix(pattern: string): string {
  const parts = normal(pattern).split('/')
  const wild = parts.findIndex(part => /[*?[{]/.test(part))
  return (wild < 0 ? parts : parts.slice(0, wild)).join('/')
}

export const hasWildcard = (pattern: string) => /[*?[{]/.test(pattern)

/** Without `./`, doubled and trailing slashes. */
export const normal = (path: string) =>
  path
    .split('/')
    .filter((part, index) => (part !== '' || (index === 0 && path.startsWith('/'))) && part !== '.')
    .join('/')

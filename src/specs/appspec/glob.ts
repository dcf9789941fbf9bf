// The agent's glob: `*` is any text, nothing else is special, and a name with a slash never matches.

/** `name` is relative to the permission's object. */
export function matchesSimpleGlob(name: string, pattern: string): boolean {
  if (name.includes('/')) return false
  // Greedy with one step back: linear in practice, no regular expression from user text.
  let star = -1
  let resume = 0
  let at = 0
  for (let index = 0; index < name.length; ) {
    if (pattern[at] === '*') {
      star = at++
      resume = index
    } else if (at < pattern.length && pattern[at] === name[index]) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else {
      return false
    }
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

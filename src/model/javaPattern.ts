// Compiles the models' Java regular expressions for JavaScript: same matches, one way of writing.

const JAVA_SPACE = ' \\t\\n\\x0B\\f\\r' // Java's \s knows ASCII only
const POSSESSIVE = /[*+?}]/
/** Characters that `u` mode allows after a backslash; elsewhere Java's redundant escapes are dropped. */
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/
const CLASSES = /[dDwWsSbBtnrfvpPuxkc0-9]/

/**
 * Patterns whose nested repetitions take exponential time on hostile input, in an equal form that does not.
 * AWS: EventBridge's connection header names and values (events service model).
 */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  '^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$':
    '[\\t]*[^\\x00-\\x1F:\\x7F][^\\x00-\\x08\\x0A-\\x1F:\\x7F]*',
  '^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ \\t]*$': '[\\t]*[\\x20-\\x7E][\\t\\x20-\\x7E]*',
}

/** A test of whole values (Java's `matches`), or undefined when JavaScript can not express the pattern. */
export function compileJavaPattern(pattern: string): RegExp | undefined {
  const translated = translate(EQUIVALENTS[pattern] ?? pattern)
  try {
    return translated && new RegExp(`^(?:${translated.source})$`, `u${translated.flags}`)
  } catch {
    return undefined
  }
}

/** Undefined for classes inside of classes, which are sets in Java and text in JavaScript. */
function translate(pattern: string): { source: string; flags: string } | undefined {
  const inline = /^\(\?([is]+)\)/.exec(pattern)
  let source = ''
  let inClass = false
  for (let at = inline?.[0].length ?? 0; at < pattern.length; at++) {
    const char = pattern[at]!
    if (char === '\\') {
      source += escaped(pattern[++at] ?? '', inClass)
      if (inClass && /[dwsDWS]/.test(pattern[at] ?? '') && pattern[at + 1] === '-' && pattern[at + 2] !== ']') {
        source += '\\-' // [\w-_]: a dash after a class is a dash
        at++
      }
    } else if (inClass) {
      if (char === '[' || (char === '&' && pattern[at + 1] === '&')) return undefined
      if (char === ']') inClass = false
      source += char
    } else if (char === '[') {
      inClass = true
      source += char
      if (pattern[at + 1] === '^') source += pattern[++at]
    } else if (char === ']') {
      source += '\\]'
    } else {
      source += char
      if (POSSESSIVE.test(char) && pattern[at + 1] === '+') at++
    }
  }
  return { source, flags: inline?.[1] ?? '' }
}

function escaped(char: string, inClass: boolean): string {
  if (char === 's') return inClass ? JAVA_SPACE : `[${JAVA_SPACE}]`
  if (char === 'S' && !inClass) return `[^${JAVA_SPACE}]`
  if (char === '-') return inClass ? '\\-' : '-'
  return SYNTAX.test(char) || CLASSES.test(char) ? `\\${char}` : char
}

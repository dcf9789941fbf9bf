// Tokens of JSON and column patterns.

import { PatternError } from './match.ts'

export type Token = { readonly kind: 'punctuation' | 'selector' | 'word' | 'string' | 'regex'; readonly text: string }

const TOKEN =
  /\s*(?:(&&|\|\||!=|<=|>=|\.\.\.|[{}[\](),=<>])|(\$(?:\.(?:\*|[\w-]+)|\.?\[(?:\d+|\*|'[^']*'|"[^"]*")\])*)|("(?:[^"\\]|\\.)*")|(%(?:[^%\\]|\\.)*%)|([^\s{}[\](),=<>!&|"%$]+))/y

/** Splits the whole text; throws PatternError at what is no token. */
export function tokens(text: string): Token[] {
  const found: Token[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw new PatternError(`Invalid character(s) in pattern at position ${at}: '${text.slice(at).trim()}'`)
    const [, punctuation, selector, string, regex, word] = match
    if (punctuation !== undefined) found.push({ kind: 'punctuation', text: punctuation })
    else if (selector !== undefined) found.push({ kind: 'selector', text: selector })
    else if (string !== undefined) found.push({ kind: 'string', text: string })
    else if (regex !== undefined) found.push({ kind: 'regex', text: regex })
    else found.push({ kind: 'word', text: word! })
  }
  return found
}

/** Walks over tokens for a recursive-descent parser. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokens(text)
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at]
  }

  next(): Token {
    const token = this.#tokens[this.#at++]
    if (!token) throw new PatternError('Unexpected end of the pattern')
    return token
  }

  /** Takes the next token if it is this punctuation (or word). */
  take(text: string): boolean {
    if (this.peek()?.text !== text) return false
    this.#at++
    return true
  }

  expect(text: string): void {
    const token = this.peek()
    if (!this.take(text)) throw new PatternError(`Expected '${text}' but found '${token?.text ?? 'the end'}'`)
  }
}

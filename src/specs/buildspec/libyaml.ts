// What libyaml says of text that is no YAML: AWS's build agent reads with it, and people look for its sentences. Ours finds the same
// mistakes with other words and often on the line before.

import type { YAMLParseError } from 'yaml'

export interface Complaint {
  readonly sentence: string
  /** Where libyaml stood when it gave up. */
  readonly offset: number
  /** Our parser's words, or a hint. */
  readonly words: string
}

const KEY = 'did not find expected key'
const DASH = "did not find expected '-' indicator"
const COLON = "could not find expected ':'"
const NAME = 'did not find expected alphabetic or numeric character'
const TOKEN = 'found character that cannot start any token'
const CONTEXT = 'mapping values are not allowed in this context'
const COMMENT = 'did not find expected comment or line break'

/** The complaint about the first thing that is wrong. */
export function complaintOf(problem: YAMLParseError, text: string): Complaint {
  const tab = tabIndentation(text)
  if (tab !== undefined)
    return { sentence: TOKEN, offset: tab, words: 'a tab is used as indentation; YAML allows only spaces there' }
  const words = problem.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
  return { ...sentenceOf(problem.code, words, problem.pos[0], text), words }
}

function sentenceOf(code: string, words: string, at: number, text: string): Pick<Complaint, 'sentence' | 'offset'> {
  const token = skipBlank(text, at)
  const here = (sentence: string, offset = token) => ({ sentence, offset })
  if (/[@`%]/.test(text[token] ?? '')) return here(TOKEN)
  if (/sufficiently indented|Missing ,|Block collections are not allowed within/.test(words))
    return here(flowSentence(text, at))
  if (/Missing closing ["']/.test(words)) return here('found unexpected end of stream', text.length)
  if (/Invalid escape/.test(words)) return here('found unknown escape character', at)
  if (/Unresolved alias/.test(words)) return here('unknown anchor referenced', at)
  if (/at node end/.test(words)) return here(/^&(?![\w-])/.test(text.slice(at)) ? NAME : afterNode(text, at), at)
  if (/Sequence item without|All sequence items/.test(words)) return here(DASH)
  if (/All mapping items/.test(words)) return indentedSentence(text, token)
  if (/Implicit (?:map )?keys need/.test(words)) return missingColon(text, at)
  if (/Nested mappings/.test(words)) return here(CONTEXT, at + Math.max(0, text.slice(at).search(/:(?=\s|$)/)))
  if (/block sequence may not be used as an implicit/.test(words)) return here(KEY)
  if (/Not a YAML token|extra characters/.test(words)) return here(COMMENT, at)
  if (code === 'BAD_SCALAR_START' || code === 'TAB_AS_INDENT') return here(TOKEN, at)
  if (code === 'BAD_ALIAS') return here(NAME, at)
  return here(code === 'MISSING_CHAR' ? 'could not find expected character' : KEY, at)
}

/** A line that stands where no key may stand: what is missing depends on what it could have been. */
function indentedSentence(text: string, at: number): Pick<Complaint, 'sentence' | 'offset'> {
  const line = lineAt(text, at)
  if (!/^\s*-\s|:(?:\s|$)/.test(line)) return missingColon(text, at)
  const indent = /^ */.exec(line)![0]
  const before = text.slice(0, lineStart(text, at)).split('\n').reverse()
  const neighbour = before.find(other => other.startsWith(indent) && /^[^\s#]/.test(other.slice(indent.length)))
  return { sentence: neighbour?.slice(indent.length).startsWith('- ') ? DASH : KEY, offset: at }
}

// libyaml notices that a key has no colon when it comes to the next token of another line.
function missingColon(text: string, at: number): Pick<Complaint, 'sentence' | 'offset'> {
  const line = lineAt(text, at)
  // `version 0.1` and then `phases:` are one key of several lines up to the colon.
  const end = text.indexOf('\n', at)
  const next = end < 0 ? text.length : skipBlank(text, end)
  if (/^\S/.test(line) && at === 0 && /^\n\s*\n/.test(text.slice(end))) return { sentence: CONTEXT, offset: next }
  return { sentence: COLON, offset: next }
}

function afterNode(text: string, at: number): string {
  if (at === lineStart(text, at)) return 'did not find expected <document start>'
  return /^\s*- /.test(lineAt(text, at)) ? DASH : KEY
}

/** What would close the flow collection that is open at `at`. */
function flowSentence(text: string, at: number): string {
  const open: string[] = []
  for (const [bracket] of text.slice(0, at).matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|[[\]{}]/g)) {
    if (bracket === '[' || bracket === '{') open.push(bracket)
    else if (bracket === ']' || bracket === '}') open.pop()
  }
  return `did not find expected ',' or '${open.at(-1) === '{' ? '}' : ']'}'`
}

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1
const lineAt = (text: string, at: number) => text.slice(lineStart(text, at)).split('\n', 1)[0]!

/** The next character that is neither space nor comment. */
function skipBlank(text: string, at: number): number {
  const [blank] = /^(?:\s|#[^\n]*(?:\n|$))*/.exec(text.slice(at))!
  return at + blank.length
}

/** Offset of the first tab that indents a line outside of block scalars, roughly: used only to explain a syntax error. */
function tabIndentation(text: string): number | undefined {
  const found = /(^|\n)( *)\t[ \t]*[^\s#]/.exec(text)
  return found ? found.index + found[1]!.length + found[2]!.length : undefined
}

/** What follows a `*` or `&` is a name only of these characters, up to a blank or an indicator. */
export const isAnchorName = (name: string) => /^[\w-]+$/.test(name)

/** Control characters that no YAML may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const UNACCEPTABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/

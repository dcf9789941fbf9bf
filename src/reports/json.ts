// JSON as a stream with flat memory: only the parts that a parser asks for are held, strings are cut at TEXT_LIMIT, depth is bounded.

import { decodeText } from './decode.ts'
import { DEPTH_LIMIT, ReportError, TEXT_LIMIT } from './report.ts'

export type JsonPath = readonly (string | number)[]

export interface JsonHandler {
  /** Whether the value at this path is wanted whole. It is asked of each value that is not inside of a wanted one. */
  wants(path: JsonPath): boolean
  value(path: JsonPath, value: unknown): void
  /** An object or array that was not wanted whole is over. */
  close?(path: JsonPath): void
}

/** A wanted value may hold this many values, and characters of strings. */
const PART_LIMIT = 2_000_000
const PART_CHARACTERS = 32 * 1024 * 1024

type Container = {
  readonly kind: '{' | '['
  key: string | number
  readonly target: Record<string, unknown> | unknown[] | undefined
}

/** Reads the whole document. Throws ReportError when it is not JSON. */
export async function scanJson(bytes: AsyncIterable<Uint8Array>, handler: JsonHandler): Promise<void> {
  const scanner = createScanner(handler)
  for await (const text of decodeText(bytes)) scanner.write(text)
  scanner.end()
}

function createScanner(handler: JsonHandler) {
  let buffer = ''
  let at = 0
  let passed = 0
  let expect: 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'nothing' = 'value'
  /** A string under way. */
  let string: { text: string; readonly isKey: boolean } | undefined
  const stack: Container[] = []
  const path: (string | number)[] = []
  /** Depth at which a wanted value began. */
  let wantedAt = -1
  let parts = 0
  let characters = 0

  const fail = (what: string): never => {
    throw new ReportError(`character ${passed + at + 1}: ${what}`)
  }
  const settled = () => {
    expect = stack.length === 0 ? 'nothing' : 'commaOrEnd'
  }
  const begin = () => {
    const top = stack.at(-1)
    if (top) path[stack.length - 1] = top.key
    if (wantedAt < 0 && handler.wants(path)) {
      wantedAt = stack.length
      parts = 0
      characters = 0
    }
  }
  const put = (value: unknown) => {
    const target = stack.at(-1)?.target
    if (typeof value === 'string') characters += value.length
    if (++parts > PART_LIMIT || characters > PART_CHARACTERS) fail('one of its parts is too large')
    if (Array.isArray(target)) target.push(value)
    else if (target) target[stack.at(-1)!.key as string] = value
  }
  const finish = (value: unknown, isContainer: boolean) => {
    if (wantedAt === stack.length) {
      wantedAt = -1
      handler.value(path, value)
    } else if (wantedAt < 0 && isContainer) handler.close?.(path)
    settled()
  }
  const scalar = (value: unknown) => {
    begin()
    if (wantedAt >= 0 && wantedAt < stack.length) put(value)
    finish(value, false)
  }
  const open = (kind: '{' | '[') => {
    if (stack.length >= DEPTH_LIMIT) fail(`it is nested deeper than ${DEPTH_LIMIT}`)
    begin()
    const target = wantedAt < 0 ? undefined : kind === '[' ? [] : (Object.create(null) as Record<string, unknown>)
    if (wantedAt >= 0 && wantedAt < stack.length) put(target)
    stack.push({ kind, key: kind === '[' ? 0 : '', target })
    path.push(kind === '[' ? 0 : '')
    expect = kind === '[' ? 'valueOrEnd' : 'keyOrEnd'
  }
  const close = (kind: '{' | '[') => {
    const container = stack.at(-1)
    if (container?.kind !== kind || expect === 'value' || expect === 'key' || expect === 'colon')
      fail('it closes what is not open')
    stack.pop()
    path.pop()
    finish(container!.target, true)
  }
  const readString = (current: NonNullable<typeof string>): boolean => {
    PLAIN.lastIndex = at
    PLAIN.exec(buffer)
    const stop = PLAIN.lastIndex < buffer.length ? PLAIN.lastIndex : -1
    const until = stop < 0 ? buffer.length : stop
    if (current.text.length < TEXT_LIMIT) {
      current.text += buffer.slice(at, Math.min(until, at + TEXT_LIMIT - current.text.length))
    }
    at = until
    if (stop < 0) return false
    if (buffer[stop] === '"') {
      at++
      string = undefined
      if (current.isKey) {
        stack.at(-1)!.key = current.text
        characters += current.text.length
        expect = 'colon'
      } else scalar(current.text)
      return true
    }
    if (buffer.length - at < 6 && (buffer[at + 1] === 'u' || at + 1 >= buffer.length)) return false
    const [all, char, hex] =
      /^\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/.exec(buffer.slice(at, at + 6)) ?? fail('an unknown escape')
    if (current.text.length < TEXT_LIMIT) {
      current.text += char ? ESCAPES[char] : String.fromCharCode(Number.parseInt(hex!, 16))
    }
    at += all!.length
    return true
  }
  const step = (): boolean => {
    if (string) return readString(string)
    SPACE.lastIndex = at
    SPACE.exec(buffer)
    at = Math.max(at, SPACE.lastIndex)
    const char = buffer[at]
    if (char === undefined) return false
    const wantsValue = expect === 'value' || expect === 'valueOrEnd'
    if (char === '"') {
      const isKey = expect === 'key' || expect === 'keyOrEnd'
      if (!wantsValue && !isKey) fail('a string where none belongs')
      string = { text: '', isKey }
      at++
    } else if (char === '}' || char === ']') {
      at++
      close(char === '}' ? '{' : '[')
    } else if (char === ',' && expect === 'commaOrEnd') {
      const top = stack.at(-1)!
      if (typeof top.key === 'number') top.key++
      expect = top.kind === '{' ? 'key' : 'value'
      at++
    } else if (char === ':' && expect === 'colon') {
      expect = 'value'
      at++
    } else if (wantsValue && (char === '{' || char === '[')) {
      at++
      open(char)
    } else if (wantsValue) return readWord()
    else fail(`unexpected ${JSON.stringify(char)}`)
    return true
  }
  const readWord = (last = false): boolean => {
    WORD.lastIndex = at
    const word = WORD.exec(buffer)?.[0] ?? ''
    if (word.length > 400) fail('a number without end')
    if (at + word.length === buffer.length && !last && word !== '') return false
    at += word.length
    if (word === 'true' || word === 'false') scalar(word === 'true')
    else if (word === 'null') scalar(null)
    else if (NUMBER.test(word)) scalar(Number(word))
    else fail('it is not JSON')
    return true
  }
  return {
    write(text: string) {
      passed += at
      buffer = buffer.slice(at) + text
      at = 0
      while (at < buffer.length && step());
    },
    end() {
      if (!string && at < buffer.length && stack.length === 0 && expect === 'value') readWord(true)
      if (expect !== 'nothing' || string) fail('the file ends in the middle')
      if (/\S/.test(buffer.slice(at))) fail('something follows the end')
    },
  }
}

const PLAIN = /[^"\\]*/y
const SPACE = /[ \t\r\n]+/y
const WORD = /[\w+.-]+/y
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

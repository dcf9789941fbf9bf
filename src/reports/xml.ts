// XML as a stream of elements with flat memory: no DTDs, no entities but XML's five and character references, every length bounded.
// A library would hold a text or an attribute of 100 MB in memory; here what is longer than TEXT_LIMIT is cut while it passes.

import { decodeText } from './decode.ts'
import { DEPTH_LIMIT, ReportError, TEXT_LIMIT } from './report.ts'

export type Attributes = Readonly<Record<string, string | undefined>>

export interface XmlHandler {
  /** `name` is without its namespace prefix, `path` the names of the elements around it. True: `close` is given the text inside. */
  open(name: string, attributes: Attributes, path: readonly string[]): boolean | undefined
  /** `text` is that of the element itself, '' when `open` did not ask for it. */
  close?(name: string, text: string, path: readonly string[]): void
}

const NAME_LIMIT = 1024
const ATTRIBUTE_LIMIT = 256
const DOCTYPE_LIMIT = 16_384

/** Reads the whole document. Throws ReportError with the line where it stops being XML. */
export async function scanXml(bytes: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  const scanner = createScanner(handler)
  for await (const text of decodeText(bytes)) scanner.write(text)
  scanner.end()
}

interface Element {
  readonly raw: string
  readonly name: string
  readonly wanted: boolean
  text: string
}

type State =
  | { readonly in: 'text' }
  | { readonly in: 'skip'; readonly until: string }
  | { readonly in: 'cdata' }
  | { readonly in: 'tag' }
  | { readonly in: 'value'; readonly name: string; readonly quote: string }

const TEXT: State = { in: 'text' }

function createScanner(handler: XmlHandler) {
  let buffer = ''
  let at = 0
  let line = 1
  let state: State = TEXT
  let rootSeen = false
  const elements: Element[] = []
  const path: string[] = []
  let tag = { raw: '', attributes: {} as Record<string, string>, count: 0 }
  let value = ''

  const fail = (what: string): never => {
    throw new ReportError(`line ${line + newlines(buffer, 0, at)}: ${what}`)
  }
  const addText = (from: number, to: number, literal: boolean) => {
    const element = elements.at(-1)
    if (!element) {
      if (/\S/.test(buffer.slice(from, to))) fail('text outside of the root element')
    } else if (element.wanted && element.text.length < TEXT_LIMIT) {
      const text = buffer.slice(from, Math.min(to, from + TEXT_LIMIT))
      element.text += (literal ? text : resolveReferences(text)).slice(0, TEXT_LIMIT - element.text.length)
    }
  }
  const open = (selfClosing: boolean) => {
    if (elements.length === 0 && rootSeen) fail(`a second root element <${tag.raw}>`)
    if (elements.length >= DEPTH_LIMIT) fail(`elements are nested deeper than ${DEPTH_LIMIT}`)
    rootSeen = true
    const name = tag.raw.slice(tag.raw.indexOf(':') + 1)
    const wanted = handler.open(name, tag.attributes, path) === true
    if (selfClosing) handler.close?.(name, '', path)
    else {
      elements.push({ raw: tag.raw, name, wanted, text: '' })
      path.push(name)
    }
  }
  const close = (raw: string) => {
    const element = elements.pop() ?? fail(`</${raw}> closes nothing`)
    if (element.raw !== raw) fail(`</${raw}> where </${element.raw}> was expected`)
    path.pop()
    handler.close?.(element.name, element.text, path)
  }

  /** Goes on in the buffer; false when the rest of it is too short to tell. */
  const step = (): boolean => {
    switch (state.in) {
      case 'text': {
        const next = buffer.indexOf('<', at)
        const end = next < 0 ? buffer.length : next
        if (next < 0) {
          // A reference that the next piece of text ends waits for it.
          const reference = buffer.lastIndexOf('&')
          const cut = reference >= at && buffer.length - reference < 12 && !buffer.includes(';', reference)
          const until = cut ? reference : end
          addText(at, until, false)
          at = until
          return false
        }
        addText(at, end, false)
        at = end
        return markup()
      }
      case 'skip': {
        const end = buffer.indexOf(state.until, at)
        if (end < 0) {
          at = Math.max(at, buffer.length - state.until.length + 1)
          return false
        }
        at = end + state.until.length
        state = TEXT
        return true
      }
      case 'cdata': {
        const end = buffer.indexOf(']]>', at)
        const until = end < 0 ? Math.max(at, buffer.length - 2) : end
        addText(at, until, true)
        at = end < 0 ? until : end + 3
        if (end < 0) return false
        state = TEXT
        return true
      }
      case 'tag':
        return insideTag()
      case 'value': {
        const end = buffer.indexOf(state.quote, at)
        const until = end < 0 ? buffer.length : end
        if (value.length < TEXT_LIMIT) value += buffer.slice(at, Math.min(until, at + TEXT_LIMIT - value.length))
        at = until
        if (end < 0) return false
        at++
        tag.attributes[state.name] = resolveReferences(value).replace(/[\t\r\n]/g, ' ')
        state = { in: 'tag' }
        return true
      }
    }
  }
  const match = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at
    const found = expression.exec(buffer)
    if (found) at = expression.lastIndex
    return found
  }
  const tooShort = (what: string): false => {
    if (buffer.length - at > NAME_LIMIT) fail(what)
    return false
  }
  const markup = (): boolean => {
    if (match(/<\//y)) {
      const found = match(/([^\s<>/]+)\s*>/y)
      if (found) {
        close(found[1]!)
        return true
      }
      at -= 2
      return tooShort('a closing tag without end')
    }
    if (match(/<!--/y)) {
      state = { in: 'skip', until: '-->' }
      return true
    }
    if (match(/<!\[CDATA\[/y)) {
      if (elements.length === 0) fail('CDATA outside of the root element')
      state = { in: 'cdata' }
      return true
    }
    if (match(/<\?/y)) {
      state = { in: 'skip', until: '?>' }
      return true
    }
    if (/^<!DOCTYPE/i.test(buffer.slice(at, at + 9))) return doctype()
    const found = match(/<([^\s<>/!?="'&]+)(?=[\s/>])/y)
    if (found) {
      tag = { raw: found[1]!, attributes: Object.create(null), count: 0 }
      state = { in: 'tag' }
      return true
    }
    const next = buffer[at + 1]
    if (next !== undefined && /[\s<>/="'&]/.test(next)) fail('"<" that begins no element')
    return tooShort('"<" that begins no element')
  }
  const doctype = (): boolean => {
    // JaCoCo and Cobertura name their DTDs: the name is passed over, nothing is fetched.
    if (match(/<!DOCTYPE(?:[^>"'[]|"[^"]*"|'[^']*')*>/iy)) return true
    if (/^<!DOCTYPE(?:[^>"'[]|"[^"]*"|'[^']*')*\[/i.test(buffer.slice(at, at + DOCTYPE_LIMIT)))
      fail('it declares a DTD of its own, and DTDs and entities are not read')
    if (buffer.length - at > DOCTYPE_LIMIT) fail('a DOCTYPE without end')
    return false
  }
  const insideTag = (): boolean => {
    const end = match(/\s*(\/?)>/y)
    if (end) {
      state = TEXT
      open(end[1] === '/')
      return true
    }
    const attribute = match(/\s*([^\s=<>/"']+)\s*=\s*(["'])/y)
    if (attribute) {
      if (++tag.count > ATTRIBUTE_LIMIT) fail(`<${tag.raw}> has more than ${ATTRIBUTE_LIMIT} attributes`)
      value = ''
      state = { in: 'value', name: attribute[1]!, quote: attribute[2]! }
      return true
    }
    if (match(/\s+(?=\s)/y)) return true
    return tooShort(`<${tag.raw}> is no well-formed tag`)
  }
  return {
    write(text: string) {
      line += newlines(buffer, 0, at)
      buffer = buffer.slice(at) + text
      at = 0
      while (at < buffer.length && step());
    },
    end() {
      if (elements.length > 0 || state !== TEXT || at < buffer.length) {
        const inside = elements.at(-1)
        fail(inside ? `the file ends inside of <${inside.raw}>` : 'the file ends inside of a tag')
      }
      if (!rootSeen) fail('there is no element in it')
    },
  }
}

function newlines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Character references and XML's own five entities; every other one stays as it is written. */
function resolveReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi, (all, hex, decimal, name) => {
    if (name) return NAMED[name] ?? all
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
  })
}

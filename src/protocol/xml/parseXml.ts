// A small strict XML reader for request bodies: elements, attributes, text, CDATA. Document types are refused, so there are
// no entities to expand and nothing to fetch; depth and size are bounded.

export interface XmlElement {
  /** Without its namespace prefix. */
  readonly name: string
  /** Names as written, prefix included; namespace declarations left out. */
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** Text directly inside, entities resolved. */
  readonly text: string
}

export class XmlError extends Error {}

const MAX_DEPTH = 100
const NAME = /[^\s/>=<&'"]+/y
const SPACE = /\s*/y
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The document's root element. Throws XmlError for what is not well formed. */
export function parseXml(source: string): XmlElement {
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source
  const scan = new Scanner(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text)
  scan.misc()
  const root = scan.element(1)
  scan.misc()
  if (!scan.done) throw new XmlError('content after the root element')
  return root
}

type Building = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string }

class Scanner {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  /** Declarations, comments and space around the root. */
  misc(): void {
    for (;;) {
      this.space()
      if (this.next('<?')) this.skipTo('?>')
      else if (this.next('<!--')) this.skipTo('-->')
      else return
    }
  }

  element(depth: number): XmlElement {
    if (depth > MAX_DEPTH) throw new XmlError('nested too deeply')
    if (!this.take('<')) throw new XmlError('an element was expected')
    const tag = this.word()
    const element: Building = { name: local(tag), attributes: {}, children: [], text: '' }
    this.attributes(element)
    if (this.take('/>')) return element
    this.expect('>')
    for (;;) {
      const open = this.text.indexOf('<', this.at)
      if (open < 0) throw new XmlError(`</${tag}> is missing`)
      if (open > this.at) element.text += decode(this.text.slice(this.at, open))
      this.at = open
      if (this.take('</')) {
        if (this.word() !== tag) throw new XmlError(`</${tag}> was expected`)
        this.space()
        this.expect('>')
        return element
      }
      if (this.next('<!--')) this.skipTo('-->')
      else if (this.take('<![CDATA[')) element.text += this.upTo(']]>')
      else if (this.next('<?')) this.skipTo('?>')
      else if (this.next('<!')) throw new XmlError('declarations are not allowed')
      else element.children.push(this.element(depth + 1))
    }
  }

  private attributes(element: Building): void {
    for (;;) {
      const before = this.at
      this.space()
      if (this.next('>') || this.next('/>')) return
      if (this.at === before) throw new XmlError('space was expected before an attribute')
      const name = this.word()
      this.space()
      this.expect('=')
      this.space()
      const quote = this.take('"') ? '"' : this.take("'") ? "'" : undefined
      if (!quote) throw new XmlError(`the value of ${name} is not quoted`)
      const value = this.upTo(quote)
      if (value.includes('<')) throw new XmlError(`the value of ${name} holds a <`)
      if (Object.hasOwn(element.attributes, name)) throw new XmlError(`${name} is there twice`)
      if (name !== 'xmlns' && !name.startsWith('xmlns:') && name !== '__proto__')
        element.attributes[name] = decode(value)
    }
  }

  private space(): void {
    SPACE.lastIndex = this.at
    SPACE.exec(this.text)
    this.at = SPACE.lastIndex
  }

  private word(): string {
    NAME.lastIndex = this.at
    const found = NAME.exec(this.text)?.[0]
    if (!found || !/^[\p{L}_:]/u.test(found)) throw new XmlError('a name was expected')
    this.at += found.length
    return found
  }

  private next(token: string): boolean {
    return this.text.startsWith(token, this.at)
  }

  private take(token: string): boolean {
    const there = this.next(token)
    if (there) this.at += token.length
    return there
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new XmlError(`${token} was expected`)
  }

  private upTo(end: string): string {
    const found = this.text.indexOf(end, this.at)
    if (found < 0) throw new XmlError(`${end} is missing`)
    const inside = this.text.slice(this.at, found)
    this.at = found + end.length
    return inside
  }

  private skipTo(end: string): void {
    this.upTo(end)
  }
}

const local = (name: string) => name.slice(name.indexOf(':') + 1)

function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;&\s]{0,12};?)/g, (_, body: string) => {
    if (!body.endsWith(';')) throw new XmlError('& without an entity')
    const name = body.slice(0, -1)
    const code = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(name)
    if (code) {
      const point = code[1] === undefined ? Number(code[2]) : Number.parseInt(code[1], 16)
      if (point > 0x10ffff || point === 0) throw new XmlError(`&${name}; is no character`)
      return String.fromCodePoint(point)
    }
    const value = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined
    if (value === undefined) throw new XmlError(`&${name}; is not defined`)
    return value
  })
}

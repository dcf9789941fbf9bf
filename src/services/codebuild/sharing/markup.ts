// HTML that is safe by its making: what is put into it is text unless it was made here.

const MARKUP = Symbol('markup')

export interface Markup {
  readonly [MARKUP]: string
}

type Piece = string | number | undefined | Markup | readonly Markup[]

/** html`<b>${text}</b>`: values are escaped, nested markup is kept, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: Piece[]): Markup {
  const text = strings.reduce((sum, part, index) => sum + written(values[index - 1]) + part)
  return { [MARKUP]: text }
}

export const textOf = (markup: Markup): string => markup[MARKUP]

function written(value: Piece): string {
  if (value === undefined) return ''
  if (typeof value === 'object') return 'length' in value ? value.map(textOf).join('') : textOf(value)
  return escaped(String(value))
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => text.replace(/[&<>"']/g, one => ESCAPES[one]!)

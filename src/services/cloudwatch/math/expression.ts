// Metric math as text: read into a tree, or refused with the place of what is wrong. Pure.

export type Operator = '+' | '-' | '*' | '/' | '^' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '&&' | '||'

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'word'; readonly value: string }
  | { readonly kind: 'id'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'negative'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Expression[] }

/** What is wrong with an expression; the service puts it into its own exception. */
export class ExpressionError extends Error {}

/** Weakest first; all are left-associative but the last. */
const LEVELS: readonly (readonly Operator[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
  ['^'],
]
const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/^<>()[\],])|("[^"]*"|'[^']*'))/y
const WORDS = new Set(['REPEAT', 'LINEAR'])

interface Token {
  readonly kind: 'number' | 'name' | 'mark' | 'text'
  readonly text: string
}

export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text)
  let at = 0
  const peek = () => tokens[at]?.text
  const isMark = (mark: string) => tokens[at]?.kind === 'mark' && tokens[at]?.text === mark
  const expect = (mark: string) => {
    if (!isMark(mark))
      throw new ExpressionError(`expected '${mark}' before ${peek() === undefined ? 'the end' : `'${peek()}'`}`)
    at++
  }
  const operatorAt = (level: number): Operator | undefined => {
    const token = tokens[at]
    const sign = token?.text === 'AND' ? '&&' : token?.text === 'OR' ? '||' : token?.kind === 'mark' ? token.text : ''
    return LEVELS[level]!.find(operator => operator === sign)
  }
  const binary = (level: number): Expression => {
    if (level === LEVELS.length) return unary()
    let left = binary(level + 1)
    for (let operator = operatorAt(level); operator; operator = operatorAt(level)) {
      at++
      left = { kind: 'binary', operator, left, right: binary(operator === '^' ? level : level + 1) }
    }
    return left
  }
  const unary = (): Expression => {
    if (isMark('-')) {
      at++
      return { kind: 'negative', of: unary() }
    }
    return single()
  }
  const several = (end: string): Expression[] => {
    const items: Expression[] = []
    while (!isMark(end)) {
      if (items.length > 0) expect(',')
      items.push(binary(0))
    }
    at++
    return items
  }
  const single = (): Expression => {
    const token = tokens[at++]
    if (!token) throw new ExpressionError('the expression ends too early')
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) }
    if (token.kind === 'text') return { kind: 'word', value: token.text.slice(1, -1) }
    if (token.kind === 'name') {
      if (isMark('(')) {
        at++
        return { kind: 'call', name: token.text, given: several(')') }
      }
      return WORDS.has(token.text) ? { kind: 'word', value: token.text } : { kind: 'id', name: token.text }
    }
    if (token.text === '[') return { kind: 'list', items: several(']') }
    if (token.text !== '(') throw new ExpressionError(`unexpected '${token.text}'`)
    const inner = binary(0)
    expect(')')
    return inner
  }
  const whole = binary(0)
  if (at < tokens.length) throw new ExpressionError(`unexpected '${peek()}'`)
  return whole
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = new RegExp(TOKEN)
  const end = text.trimEnd().length
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex
    const found = pattern.exec(text)
    if (!found) throw new ExpressionError(`unexpected '${text.slice(from).trimStart()[0]}' at position ${from + 1}`)
    const [, number, name, mark, quoted] = found
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark })
    else tokens.push({ kind: 'text', text: quoted! })
  }
  return tokens
}

/** The ids that an expression speaks of. */
export function idsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'id':
      return [expression.name]
    case 'list':
      return expression.items.flatMap(idsOf)
    case 'negative':
      return idsOf(expression.of)
    case 'binary':
      return [...idsOf(expression.left), ...idsOf(expression.right)]
    case 'call':
      return expression.given.flatMap(idsOf)
    default:
      return []
  }
}

/** Names of the functions that an expression calls. */
export function functionsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'list':
      return expression.items.flatMap(functionsOf)
    case 'negative':
      return functionsOf(expression.of)
    case 'binary':
      return [...functionsOf(expression.left), ...functionsOf(expression.right)]
    case 'call':
      return [expression.name, ...expression.given.flatMap(functionsOf)]
    default:
      return []
  }
}

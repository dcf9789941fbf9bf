// The regular expressions of filter patterns, matched in linear time: a user's expression runs over megabytes of log.

import { PatternError } from './match.ts'

type Characters = (code: number) => boolean

/** States of a nondeterministic automaton; `to` are the states after. */
type State =
  | { kind: 'characters'; accepts: Characters; to: number }
  | { kind: 'split'; to: readonly number[] }
  | { kind: 'start' | 'end'; to: number }
  | { kind: 'match' }

/** AWS: letters, digits, `: _ # = @ / ; , -`, white space and the operators; no parentheses, nothing beyond ASCII. */
const LITERAL = /^[A-Za-z0-9:_#=@/;,\-\s"'&<>~`]$/
const MAX_REPEAT = 255
const MAX_STATES = 5000

/** A function that tells whether a text contains the expression; throws PatternError. */
export function parseRegex(source: string): (text: string) => boolean {
  const states: State[] = [{ kind: 'match' }]
  let at = 0

  const add = (state: State): number => {
    if (states.length >= MAX_STATES) throw new PatternError(`Regular expression '${source}' is too long`)
    return states.push(state) - 1
  }
  const bad = (why: string) => new PatternError(`Invalid regular expression '${source}': ${why}`)

  const alternatives: number[] = []
  do {
    if (source[at] === '|') at++
    const pieces: ((next: number) => number)[] = []
    while (at < source.length && source[at] !== '|') pieces.push(piece())
    alternatives.push(pieces.reduceRight((next, build) => build(next), 0))
  } while (source[at] === '|')
  const entry = alternatives.length === 1 ? alternatives[0]! : add({ kind: 'split', to: alternatives })

  return text => run(states, entry, text)

  function piece(): (next: number) => number {
    const character = source[at++]!
    if (character === '^' || character === '$') {
      const kind = character === '^' ? 'start' : 'end'
      return next => add({ kind, to: next })
    }
    const accepts = atom(character)
    const one = (next: number) => add({ kind: 'characters', accepts, to: next })
    const [least, most] = quantifier()
    return next => {
      let out = next
      if (most === Number.POSITIVE_INFINITY) {
        const loop = add({ kind: 'split', to: [] })
        states[loop] = { kind: 'split', to: [one(loop), out] }
        out = loop
      } else {
        for (let count = least; count < most; count++) out = add({ kind: 'split', to: [one(out), next] })
      }
      for (let count = 0; count < least; count++) out = one(out)
      return out
    }
  }

  function atom(character: string): Characters {
    if (character === '[') return set()
    if (character === '\\') return escaped()
    if (character === '.') return code => code !== 10
    if ('?*+{}]'.includes(character)) throw bad(`nothing before '${character}'`)
    if (!LITERAL.test(character)) throw bad(`'${character}' is not supported`)
    const wanted = character.charCodeAt(0)
    return code => code === wanted
  }

  function escaped(): Characters {
    const character = source[at++]
    if (character === undefined) throw bad('it ends with a backslash')
    const lower = CLASSES[character.toLowerCase()]
    if (lower) return character === character.toLowerCase() ? lower : code => !lower(code)
    const wanted = character === 'x' ? hexadecimal() : character.charCodeAt(0)
    return code => code === wanted
  }

  function hexadecimal(): number {
    const digits = source.slice(at, at + 2)
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw bad('\\x needs two hexadecimal digits')
    at += 2
    return Number.parseInt(digits, 16)
  }

  function set(): Characters {
    const negated = source[at] === '^'
    if (negated) at++
    const parts: Characters[] = []
    for (let first = true; source[at] !== ']' || first; first = false) {
      const character = source[at++]
      if (character === undefined) throw bad("']' is missing")
      if (character === '\\') {
        parts.push(escaped())
      } else if (source[at] === '-' && source[at + 1] !== ']' && source[at + 1] !== undefined) {
        const [low, high] = [character.charCodeAt(0), source.charCodeAt(at + 1)]
        if (low > high) throw bad(`range ${character}-${source[at + 1]} is out of order`)
        at += 2
        parts.push(code => code >= low && code <= high)
      } else {
        const wanted = character.charCodeAt(0)
        parts.push(code => code === wanted)
      }
    }
    at++
    return code => parts.some(part => part(code)) !== negated
  }

  function quantifier(): [least: number, most: number] {
    switch (source[at]) {
      case '?':
        at++
        return [0, 1]
      case '*':
        at++
        return [0, Number.POSITIVE_INFINITY]
      case '+':
        at++
        return [1, Number.POSITIVE_INFINITY]
      case '{': {
        const [whole, low, comma, high] = source.slice(at).match(/^\{(\d{1,3})(,?)(\d{0,3})\}/) ?? []
        if (whole === undefined) throw bad("'{' begins no repetition")
        at += whole.length
        const least = Number(low)
        const most = !comma ? least : high ? Number(high) : Number.POSITIVE_INFINITY
        if (least > MAX_REPEAT || (most !== Number.POSITIVE_INFINITY && most > MAX_REPEAT) || most < least)
          throw bad(`${whole} is out of range`)
        return [least, most]
      }
      default:
        return [1, 1]
    }
  }
}

const CLASSES: Readonly<Record<string, Characters>> = {
  d: code => code >= 48 && code <= 57,
  s: code => code === 32 || (code >= 9 && code <= 13),
  w: code => (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95,
}

/** All states at once, one character after the other: text length times states, never more. */
function run(states: readonly State[], entry: number, text: string): boolean {
  let current = new Set<number>()
  for (let index = 0; index <= text.length; index++) {
    const active = new Set<number>()
    const pending = [entry, ...current]
    while (pending.length > 0) {
      const id = pending.pop()!
      if (active.has(id)) continue
      active.add(id)
      const state = states[id]!
      if (state.kind === 'match') return true
      if (state.kind === 'split') pending.push(...state.to)
      else if (state.kind === 'start' && index === 0) pending.push(state.to)
      else if (state.kind === 'end' && index === text.length) pending.push(state.to)
    }
    if (index === text.length) return false
    const code = text.charCodeAt(index)
    current = new Set()
    for (const id of active) {
      const state = states[id]!
      if (state.kind === 'characters' && state.accepts(code)) current.add(state.to)
    }
  }
  return false
}

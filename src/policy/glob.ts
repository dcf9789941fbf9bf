// Wildcard matching for actions, ARNs and strings, without regular expressions: patterns come from users and must cost little whatever they say.

const ANY = -1 // *, also across colons
const ONE = -2 // ?
const ANY_IN_SEGMENT = -3 // * inside one of the first five segments of an ARN

/** Character codes of a pattern, wildcards as negative numbers. */
export type Glob = readonly number[]

export type WildcardRule =
  /** No wildcards: all is literal. */
  | 'none'
  /** `*` and `?` match anything. */
  | 'text'
  /**
   * AWS: a star at the end of a segment expands beyond the colon, one inside a segment does not
   * [IAM user guide, "IAM JSON policy elements: Resource"]. The resource part of the ARN is one segment.
   */
  | 'arn'

export function appendGlob(to: number[], text: string, rule: WildcardRule, segment = 0): number {
  let at = segment
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!
    if (char === ':') at++
    if (rule !== 'none' && char === '?') to.push(ONE)
    else if (rule !== 'none' && char === '*') {
      const next = text[index + 1]
      const inside = rule === 'arn' && at < 5 && next !== undefined && next !== ':' && next !== '*'
      to.push(inside ? ANY_IN_SEGMENT : ANY)
    } else to.push(text.charCodeAt(index))
  }
  return at
}

export function globOf(text: string, rule: WildcardRule): Glob {
  const glob: number[] = []
  appendGlob(glob, text, rule)
  return glob
}

export function matchGlob(glob: Glob, text: string): boolean {
  return glob.includes(ANY_IN_SEGMENT) ? matchSegments(glob, text) : matchSimple(glob, text)
}

/** The classic two pointers: only the last star ever needs to be tried again. */
function matchSimple(glob: Glob, text: string): boolean {
  let g = 0
  let t = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    const want = glob[g]
    if (want === ANY) {
      star = g++
      resume = t
    } else if (want === ONE || want === text.charCodeAt(t)) {
      g++
      t++
    } else if (star >= 0) {
      g = star + 1
      t = ++resume
    } else return false
  }
  while (glob[g] === ANY) g++
  return g === glob.length
}

/** With stars that stop at colons a set of reachable pattern positions is carried along the text. */
function matchSegments(glob: Glob, text: string): boolean {
  let reached = closure(new Set([0]), glob)
  for (let t = 0; t < text.length && reached.size > 0; t++) {
    const code = text.charCodeAt(t)
    const next = new Set<number>()
    for (const g of reached) {
      const want = glob[g]
      if (want === ANY || (want === ANY_IN_SEGMENT && code !== COLON)) next.add(g)
      else if (want === ONE || want === code) next.add(g + 1)
    }
    reached = closure(next, glob)
  }
  return reached.has(glob.length)
}

const COLON = 58

function closure(positions: Set<number>, glob: Glob): Set<number> {
  for (const g of positions) if (glob[g] === ANY || glob[g] === ANY_IN_SEGMENT) positions.add(g + 1)
  return positions
}

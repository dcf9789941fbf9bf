// Walks a YAML document by path and remembers where each value stands, so that every complaint has a line and a column.

import { type Document, isMap, isNode, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'

export type Path = readonly (string | number)[]

export interface Reader {
  readonly diagnostics: readonly Diagnostic[]
  /** The value at the root; undefined when the text is no YAML. */
  readonly root: unknown
  error(path: Path, message: string): void
  warning(path: Path, message: string): void
  /** Warns of every key of the map at `path` that is not in `known`. */
  unknownKeys(path: Path, known: readonly string[], where: string): void
  /** The scalar's own characters, for example `0644` where the value is 420. */
  source(path: Path): string | undefined
}

/** Reads `text` with the YAML 1.1 rules of the agent's parser: unquoted 0644 is octal, `yes` is true, the last of equal keys wins. */
export function openReader(text: string, file: string): Reader {
  const lines = new LineCounter()
  const document: Document = parseDocument(text, { version: '1.1', lineCounter: lines, uniqueKeys: false, merge: true })
  const diagnostics: Diagnostic[] = []
  const add = (severity: Diagnostic['severity'], offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    diagnostics.push({ severity, file, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }
  for (const problem of document.errors) add('error', problem.pos[0], firstLine(problem.message))
  for (const problem of document.warnings) add('warning', problem.pos[0], firstLine(problem.message))

  let root: unknown
  if (document.errors.length === 0) {
    keepText(document)
    try {
      root = document.toJS({ maxAliasCount: 100 })
    } catch (error) {
      add('error', 0, (error as Error).message)
    }
    warnOfDuplicates(document.contents, (offset, key) =>
      add('warning', offset, `the key ${key} is given twice; the last one counts`),
    )
  }
  const offsetOf = (path: Path): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return node.range[0]
    }
    return 0
  }
  return {
    diagnostics,
    root,
    error: (path, message) => add('error', offsetOf(path), message),
    warning: (path, message) => add('warning', offsetOf(path), message),
    unknownKeys(path, known, where) {
      const node = path.length === 0 ? document.contents : document.getIn(path, true)
      if (!isMap(node)) return
      for (const pair of node.items) {
        const key = keyOf(pair)
        if (key !== undefined && key !== '<<' && !known.includes(key)) {
          add('warning', (pair.key as Node).range?.[0] ?? 0, `${key} is not a key of ${where}; it is ignored`)
        }
      }
    },
    source(path) {
      const node = document.getIn(path, true)
      return isScalar(node) ? node.source : undefined
    },
  }
}

// AWS: the agent's parser (Ruby's Psych) has no number `.` and no booleans `y` and `n`; `source: .` is in many appspecs.
function keepText(document: Document): void {
  visit(document, {
    Scalar(_key, scalar) {
      if (scalar.type === 'PLAIN' && /^(?:[-+]?\.|[yYnN])$/.test(scalar.source ?? '')) scalar.value = scalar.source
    },
  })
}

function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined
}

function warnOfDuplicates(node: unknown, warn: (offset: number, key: string) => void): void {
  if (!isNode(node) || !('items' in node)) return
  const seen = new Set<string>()
  for (const item of (node as { items: unknown[] }).items) {
    if (isMap(node)) {
      const pair = item as Pair
      const key = keyOf(pair)
      if (key !== undefined && seen.has(key)) warn((pair.key as Node).range?.[0] ?? 0, key)
      if (key !== undefined) seen.add(key)
      warnOfDuplicates(pair.value, warn)
    } else {
      warnOfDuplicates(item, warn)
    }
  }
}

const firstLine = (message: string) => message.split('\n')[0]!.replace(/:$/, '')

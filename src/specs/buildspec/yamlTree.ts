// Reads YAML into nodes that know their place, as the build agent's YAML library does: scalars keep their text, and the
// type is decided by who reads them (so `version: 0.2` and `yes` mean what AWS means by them).

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
} from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'

export interface Entry {
  readonly key: string
  readonly keyNode: Node
  readonly value: Node | null
}

/** A parsed file with its diagnostics; the reading functions add to them. */
export interface YamlTree {
  readonly root: Node | null
  readonly diagnostics: Diagnostic[]
  error(at: Node | null | undefined, message: string): void
  warn(at: Node | null | undefined, message: string): void
  /** The line where a node starts, from 1. */
  line(at: Node | null | undefined): number
  /** The node that an alias stands for, or the node itself. */
  resolve(node: Node | null | undefined): Node | null
  /** The entries of a mapping, merge keys applied, the last of equal keys. Undefined when the node is no mapping. */
  entries(node: Node | null): Entry[] | undefined
}

/** AWS's parser is libyaml's: what it says for the mistakes people make, by the code of ours. */
const LIBYAML_TEXT: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'found character that cannot start any token',
  MISSING_CHAR: 'could not find expected character',
  UNEXPECTED_TOKEN: 'did not find expected key',
  BAD_INDENT: 'did not find expected key',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  BAD_ALIAS: 'unknown anchor referenced',
  BLOCK_IN_FLOW: "did not find expected ',' or ']'",
}

/** Parses `text`. Syntax errors carry libyaml's sentence with the line, then what is wrong in words. */
export function readYaml(text: string, file: string): YamlTree {
  const lines = new LineCounter()
  // AWS: only the first document counts. Repeated keys are accepted, the last wins.
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    uniqueKeys: false,
    version: '1.2',
    strict: false,
  })
  const document = (Array.isArray(documents) ? documents[0] : undefined) as Document.Parsed | undefined
  const diagnostics: Diagnostic[] = []
  const add = (severity: Diagnostic['severity'], offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    diagnostics.push({ severity, file, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }
  const tab = tabIndentation(text)
  if (tab !== undefined && document && document.errors.length > 0) {
    const { line } = lines.linePos(tab)
    const hint = 'a tab is used as indentation; YAML allows only spaces there'
    add('error', tab, `found character that cannot start any token at line ${line} (${hint})`)
  } else {
    for (const problem of document?.errors.slice(0, 1) ?? []) {
      const { line } = lines.linePos(problem.pos[0])
      const known = LIBYAML_TEXT[problem.code]
      const words = problem.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
      add('error', problem.pos[0], known ? `${known} at line ${line} (${words})` : `${words} at line ${line}`)
    }
  }
  const tree: YamlTree = {
    root: (document?.contents as Node | null | undefined) ?? null,
    diagnostics,
    error: (at, message) => add('error', startOf(at), message),
    warn: (at, message) => add('warning', startOf(at), message),
    line: at => lines.linePos(startOf(at)).line,
    resolve(node) {
      return isAlias(node) && document ? ((node.resolve(document) as Node | undefined) ?? null) : (node ?? null)
    },
    entries(node) {
      const map = tree.resolve(node)
      if (!isMap(map)) return undefined
      const found = new Map<string, Entry>()
      const merged = new Map<string, Entry>()
      for (const pair of map.items) {
        const keyNode = pair.key as Node
        const key = scalarText(tree.resolve(keyNode)) ?? String(keyNode)
        if (key === '<<') {
          const source = tree.resolve(pair.value as Node | null)
          for (const part of isSeq(source) ? (source.items as Node[]) : [source])
            for (const entry of tree.entries(part) ?? []) if (!merged.has(entry.key)) merged.set(entry.key, entry)
          continue
        }
        if (found.has(key)) tree.warn(keyNode, `"${key}" is given twice, the last one counts`)
        found.set(key, { key, keyNode, value: tree.resolve(pair.value as Node | null) })
      }
      return [...[...merged.values()].filter(entry => !found.has(entry.key)), ...found.values()]
    },
  }
  return tree
}

/** The text of a scalar as written (quotes and escapes resolved); undefined for mappings, sequences and nothing. */
export function scalarText(node: Node | null | undefined): string | undefined {
  if (!isScalar(node)) return undefined
  const scalar = node as Scalar
  if (scalar.type === 'PLAIN' && (scalar.source ?? '') === '') return undefined
  if (scalar.type === 'PLAIN' && /^(~|null|Null|NULL)$/.test(scalar.source ?? '')) return undefined
  return scalar.source ?? String(scalar.value)
}

/** YAML 1.1's booleans. */
export function booleanOf(text: string): boolean | undefined {
  if (/^(y|yes|true|on)$/i.test(text)) return true
  if (/^(n|no|false|off)$/i.test(text)) return false
  return undefined
}

function startOf(node: Node | null | undefined): number {
  return node?.range?.[0] ?? 0
}

/** Offset of the first tab that indents a line outside of block scalars, roughly: used only to explain a syntax error. */
function tabIndentation(text: string): number | undefined {
  const found = /(^|\n)( *)\t[ \t]*[^\s#]/.exec(text)
  return found ? found.index + found[1]!.length + found[2]!.length : undefined
}

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
  visit,
} from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'
import { type Complaint, complaintOf, isAnchorName, UNACCEPTABLE } from './libyaml.ts'

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

/** Parses `text`. Syntax errors carry libyaml's sentence with the line, as AWS's do, then what is wrong in words. */
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
  const complain = ({ sentence, offset, words }: Complaint) =>
    add('error', offset, `${sentence} at line ${lines.linePos(offset).line} (${words})`)
  const [problem] = document?.errors ?? []
  const character = UNACCEPTABLE.exec(text)
  const wrong = problem ? complaintOf(problem, text) : document && wrongAlias(document)
  if (character)
    add('error', character.index, `control characters are not allowed at line ${lines.linePos(character.index).line}`)
  else if (wrong) complain(wrong)
  else if (document && !text.endsWith('\n')) endBlock(document, text)
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

// AWS: the commonest is an artifact's `- **/*` without quotes, which is an alias without a name.
function wrongAlias(document: Document.Parsed): Complaint | undefined {
  let wrong: Complaint | undefined
  visit(document, {
    Alias(_key, alias) {
      const offset = startOf(alias)
      if (!isAnchorName(alias.source)) {
        const words = `*${alias.source} begins with a star, which makes it an alias; put it in quotes`
        wrong = { sentence: 'did not find expected alphabetic or numeric character', offset, words }
      } else if (!alias.resolve(document)) {
        const words = `there is no &${alias.source} before it; put it in quotes if it is no alias`
        wrong = { sentence: `unknown anchor '${alias.source}' referenced`, offset, words }
      }
      return wrong ? visit.BREAK : undefined
    },
  })
  return wrong
}

/** A block scalar at the end of a text that ends without a newline has none either; ours adds it. */
function endBlock(document: Document.Parsed, text: string): void {
  visit(document, {
    Scalar(_key, scalar) {
      if (!scalar.type?.startsWith('BLOCK') || (scalar.range?.[1] ?? 0) < text.length) return
      scalar.value = String(scalar.value).replace(/\n$/, '')
      scalar.source = scalar.value as string
    },
  })
}

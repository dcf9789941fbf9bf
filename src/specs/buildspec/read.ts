// Typed reading of nodes: each function adds its own diagnostics and answers something usable, so that one run finds all mistakes.

import { isMap, isSeq, type Node } from 'yaml'
import { booleanOf, scalarText, type YamlTree } from './yamlTree.ts'

export interface Members {
  readonly keyNode: (key: string) => Node | undefined
  get(key: string): Node | null
  has(key: string): boolean
}

/** The members of a mapping. Keys outside of `known` are warnings: AWS accepts them. */
export function readMembers(tree: YamlTree, node: Node | null, name: string, known: readonly string[]): Members {
  const entries = tree.entries(node)
  if (!entries && node && scalarText(node) !== undefined) tree.error(node, `${name} must be a mapping`)
  if (!entries && isSeq(node)) tree.error(node, `${name} must be a mapping, not a list`)
  const members = new Map((entries ?? []).map(entry => [entry.key, entry]))
  for (const entry of entries ?? []) {
    if (known.includes(entry.key)) continue
    const near = known.find(key => key.replace(/[-_]/g, '') === entry.key.replace(/[-_]/g, '').toLowerCase())
    tree.warn(
      entry.keyNode,
      `unknown key "${entry.key}" in ${name} is ignored${near ? `, did you mean "${near}"?` : ''}`,
    )
  }
  return {
    keyNode: key => members.get(key)?.keyNode,
    get: key => members.get(key)?.value ?? null,
    has: key => members.has(key),
  }
}

export function readText(tree: YamlTree, node: Node | null, name: string): string | undefined {
  if (node && (isMap(node) || isSeq(node))) tree.error(node, `${name} must be a string`)
  return scalarText(node)
}

export function readBoolean(tree: YamlTree, node: Node | null, name: string): boolean {
  const text = readText(tree, node, name)
  if (text === undefined) return false
  const value = booleanOf(text)
  if (value === undefined) tree.error(node, `${name} must be yes or no, found "${text}"`)
  return value ?? false
}

/** A list of strings; a lone string is a list of one, with a warning. */
export function readTexts(tree: YamlTree, node: Node | null, name: string): string[] {
  if (!node) return []
  if (!isSeq(node)) {
    const text = readText(tree, node, name)
    if (text === undefined) return []
    tree.warn(node, `${name} should be a list`)
    return [text]
  }
  return node.items.flatMap((item, index) => {
    const text = readText(tree, tree.resolve(item as Node), `${name}[${index}]`)
    return text === undefined ? [] : [text]
  })
}

/** A mapping of strings to strings. */
export function readTextMap(tree: YamlTree, node: Node | null, name: string): Record<string, string> {
  const entries = tree.entries(node)
  if (!entries && node && (isSeq(node) || scalarText(node) !== undefined)) tree.error(node, `${name} must be a mapping`)
  return Object.fromEntries(
    (entries ?? []).map(entry => [entry.key, readText(tree, entry.value, `${name}/${entry.key}`) ?? '']),
  )
}

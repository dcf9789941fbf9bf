// Which condition keys documents ask for: what a simulation must be given.

import { list, readDocument } from './document.ts'
import { compileTemplate } from './template.ts'

/** Keys in conditions and variables of the documents, each once, in the order met. */
export function contextKeysOf(texts: readonly string[]): string[] {
  const keys = new Map<string, string>()
  for (const text of texts) {
    for (const { Condition = {}, Resource, NotResource } of readDocument(text).Statement) {
      for (const [key, values] of Object.values(Condition).flatMap(each => Object.entries(each))) {
        if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key)
        addVariables(keys, [values].flat().map(String))
      }
      addVariables(keys, list(Resource ?? NotResource))
    }
  }
  return [...keys.values()]
}

function addVariables(keys: Map<string, string>, texts: readonly string[]) {
  for (const text of texts) {
    for (const key of compileTemplate(text, 'none', true).keys) if (!keys.has(key)) keys.set(key, key)
  }
}

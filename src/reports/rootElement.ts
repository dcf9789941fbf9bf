// The first check of every XML report: is it the tool's at all?

import { ReportError, TEXT_LIMIT } from './report.ts'
import type { XmlHandler } from './xml.ts'

/** `handler` behind a check of the root element's name. */
export function withRoot(names: readonly string[], handler: XmlHandler): XmlHandler {
  return {
    ...handler,
    open(name, attributes, path) {
      if (path.length === 0 && !names.includes(name)) {
        throw new ReportError(
          `its root element is <${name.slice(0, 60)}>, not ${names.map(known => `<${known}>`).join(' or ')}`,
        )
      }
      return handler.open(name, attributes, path)
    },
  }
}

/** A message and the text that follows it, without saying the same twice. */
export function joinMessage(message: string | undefined, text: string): string {
  const [first, rest] = [(message ?? '').trim(), text.trim()]
  if (first.length >= TEXT_LIMIT) return first
  if (rest === '' || first.includes(rest)) return first
  return first === '' || rest.includes(first) ? rest : `${first}\n${rest}`
}

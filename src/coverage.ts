// The table of operations, made from the services themselves.

import { loadModelNow, type ModelName } from './model/index.ts'
import { services } from './registry.ts'

/** service -> operation -> 'supported' or the reason why it is not. */
export function coverage(): Record<string, Record<string, string>> {
  return Object.fromEntries(
    services.map(({ name, operations }) => [
      name,
      Object.fromEntries(
        // What services only offer each other in process is no operation of AWS.
        Object.entries(operations)
          .filter(([operation]) => loadModelNow(name as ModelName).operationNames.includes(operation))
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([operation, how]) => [operation, how.kind === 'notSupported' ? how.why : 'supported']),
      ),
    ]),
  )
}

/** COVERAGE.md. */
export function coverageMarkdown(): string {
  const table = Object.entries(coverage()).sort(([a], [b]) => a.localeCompare(b))
  const sections = table.map(([service, operations]) => {
    const rows = Object.entries(operations)
    const supported = rows.filter(([, how]) => how === 'supported').length
    const lines = rows.map(
      ([operation, how]) =>
        `| ${operation} | ${how === 'supported' ? 'yes' : ''} | ${how === 'supported' ? '' : how} |`,
    )
    return `## ${service}: ${supported} of ${rows.length}\n\n| operation | supported | why not |\n| --- | --- | --- |\n${lines.join('\n')}\n`
  })
  return `# Coverage

Every operation of every service in the house. Made by \`codeyard coverage\`; a test keeps it true. An operation that is not
supported answers an error that names it and says why.

${sections.join('\n')}`
}

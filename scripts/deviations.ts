// Collects every `// DEVIATES:` comment of src/ into DEVIATIONS.md: node scripts/deviations.ts > DEVIATIONS.md

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const MARK = '// DEVIATES:'

interface Deviation {
  readonly file: string
  readonly text: string
}

/** Every deviation, by file; a comment goes on over the comment lines below it. */
export function deviations(): Deviation[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
  return files.flatMap(file => {
    const lines = readFileSync(join(root, 'src', file), 'utf8').split('\n')
    return lines.flatMap((line, index) =>
      line.includes(MARK) ? [{ file: `src/${file}`, text: wholeComment(lines, index) }] : [],
    )
  })
}

function wholeComment(lines: readonly string[], start: number): string {
  const parts = [lines[start]!.slice(lines[start]!.indexOf(MARK) + MARK.length).trim()]
  for (const line of lines.slice(start + 1)) {
    const text = line.trim()
    if (!text.startsWith('//') || text.startsWith('// AWS:') || text.startsWith(MARK)) break
    parts.push(text.slice(2).trim())
  }
  return parts.join(' ')
}

/** DEVIATIONS.md. */
export function deviationsMarkdown(): string {
  const byFile = Map.groupBy(deviations(), ({ file }) => file)
  const sections = [...byFile].map(
    ([file, list]) => `## ${file}\n\n${list.map(({ text }) => `- ${text}`).join('\n')}\n`,
  )
  return `# Deviations

Where Codeyard differs from AWS on purpose. Made by \`scripts/deviations.ts\` from the comments in the code; a test keeps it true.

${sections.join('\n')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(deviationsMarkdown())

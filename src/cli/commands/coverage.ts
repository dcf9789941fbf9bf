// Which operations of which services are supported, and why the others are not: as JSON or as COVERAGE.md.

import { coverage, coverageMarkdown } from '../../coverage.ts'
import type { Command } from '../command.ts'

const command: Command = {
  summary: 'which AWS operations are supported, and why the others are not',
  options: { json: { type: 'boolean', help: '{service: {operation: "supported" | reason}}' } },
  details: 'Without --json it prints COVERAGE.md.',
  async run({ flag }) {
    process.stdout.write(flag.json ? `${JSON.stringify(coverage(), null, 2)}\n` : coverageMarkdown())
    return 0
  },
}
export default command

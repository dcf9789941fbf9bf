// Checks buildspec, appspec and pipeline files; one line a complaint, with its place.

import { readFile } from 'node:fs/promises'
import { parseAppspec } from '../../specs/appspec/parseAppspec.ts'
import { parseBuildspec } from '../../specs/buildspec/parseBuildspec.ts'
import { type Diagnostic, diagnosticLine } from '../../specs/diagnostic.ts'
import { parsePipeline } from '../../specs/pipeline/parsePipeline.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../options.ts'

const KINDS: Readonly<Record<string, (text: string, file: string) => { readonly diagnostics: readonly Diagnostic[] }>> =
  {
    buildspec: parseBuildspec,
    appspec: parseAppspec,
    pipeline: parsePipeline,
  }

const command: Command = {
  summary: 'check buildspec, appspec or pipeline files',
  arguments: 'buildspec|appspec|pipeline FILE...',
  most: 1000,
  options: {},
  details: 'Prints file:line:column: message. Exit code 0 when all is accepted (warnings are), else 1.',
  async run({ positionals: [kind = '', ...files] }) {
    const check = KINDS[kind]
    if (!check) throw new UsageError(`validate takes buildspec, appspec or pipeline, not '${kind}'`)
    if (files.length === 0) throw new UsageError('validate needs at least one file')
    let errors = 0
    for (const file of files) {
      for (const diagnostic of check(await readFile(file, 'utf8'), file).diagnostics) {
        if (diagnostic.severity === 'error') errors++
        process.stdout.write(`${diagnosticLine(diagnostic)}\n`)
      }
    }
    return errors > 0 ? 1 : 0
  },
}
export default command

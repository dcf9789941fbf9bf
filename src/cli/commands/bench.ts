// Runs the benchmarks: ratios against a baseline of the same run.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Command } from '../command.ts'

const command: Command = {
  summary: 'measure Codeyard against baselines of the same run',
  arguments: '[NAME...]',
  most: 20,
  options: { json: { type: 'boolean', help: 'one JSON line a figure' } },
  run({ positionals, flag }) {
    const script = fileURLToPath(new URL('../../../bench/main.ts', import.meta.url))
    const args = ['--disable-warning=ExperimentalWarning', script, ...positionals, ...(flag.json ? ['--json'] : [])]
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { stdio: 'inherit' })
      child.once('error', reject)
      child.once('exit', code => resolve(code ?? 1))
    })
  },
}
export default command

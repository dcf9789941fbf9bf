// Carries out a directory's appspec.yml on this host, without a server.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { deployLocally } from '../../agent/deployLocally.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../options.ts'

const BEHAVIORS = ['DISALLOW', 'OVERWRITE', 'RETAIN'] as const

const command: Command = {
  summary: "carry out a directory's appspec.yml on this host",
  arguments: '[DIR]',
  most: 1,
  options: {
    events: {
      type: 'string',
      value: 'LIST',
      help: 'only these lifecycle events, comma-separated (default: all, in order)',
    },
    'file-exists': { type: 'string', value: 'BEHAVIOR', help: 'DISALLOW (default), OVERWRITE or RETAIN' },
    root: {
      type: 'string',
      value: 'DIR',
      help: 'where records of deployments are kept (default ~/.codeyard/deployment-root)',
    },
  },
  details: 'Exit code 0 when every event succeeded. Like codedeploy-local of AWS.',
  async run({ positionals: [directory = '.'], text }) {
    const fileExists = BEHAVIORS.find(one => one === (text['file-exists'] ?? 'DISALLOW').toUpperCase())
    if (!fileExists) throw new UsageError(`--file-exists takes ${BEHAVIORS.join(', ')}, not '${text['file-exists']}'`)
    return deployLocally({
      directory: resolve(directory),
      root: resolve(text.root ?? join(homedir(), '.codeyard/deployment-root')),
      out: line => void process.stdout.write(`${line}\n`),
      fileExists,
      ...(text.events ? { events: text.events.split(',').map(event => event.trim()) } : {}),
    })
  },
}
export default command

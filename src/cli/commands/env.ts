// Prints the shell lines that point AWS clients and git at the running Codeyard.

import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from '../command.ts'
import { defaultDataDir } from '../config.ts'

const command: Command = {
  summary: 'print export lines for AWS clients and git: eval "$(codeyard env)"',
  options: { data: { type: 'string', value: 'DIR', help: `data directory (default ${defaultDataDir()})` } },
  async run({ text }) {
    const dataDir = resolve(text.data ?? defaultDataDir())
    const running = await readState(join(dataDir, 'running.json'))
    if (!running)
      throw new Error(
        `no Codeyard is running on ${dataDir}: start one with 'codeyard up', or name its --data directory`,
      )
    const { endpoint, region, accessKeyId, secretAccessKey } = running
    const lines: [string, string][] = [
      ['AWS_ENDPOINT_URL', endpoint!],
      ['AWS_ACCESS_KEY_ID', accessKeyId!],
      ['AWS_SECRET_ACCESS_KEY', secretAccessKey!],
      ['AWS_REGION', region!],
      ['AWS_DEFAULT_REGION', region!],
      // One helper for this host only; the rest of the user's git configuration stays.
      ['GIT_CONFIG_COUNT', '2'],
      ['GIT_CONFIG_KEY_0', `credential.${endpoint}.helper`],
      [
        'GIT_CONFIG_VALUE_0',
        '!f() { test "$1" = get && aws codecommit credential-helper --ignore-host-check get; }; f',
      ],
      ['GIT_CONFIG_KEY_1', `credential.${endpoint}.UseHttpPath`],
      ['GIT_CONFIG_VALUE_1', 'true'],
    ]
    for (const [name, value] of lines) process.stdout.write(`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    process.stdout.write('unset AWS_SESSION_TOKEN AWS_PROFILE\n')
    return 0
  },
}
export default command

async function readState(file: string): Promise<Record<string, string> | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

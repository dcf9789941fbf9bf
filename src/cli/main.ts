// The command line: finds the command, reads its options, turns errors into one clear line and an exit code.

import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { commands } from './commands.ts'
import { commandHelp, overview } from './help.ts'
import { readOptions, UsageError } from './options.ts'

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const topic = name === 'help' ? rest[0] : undefined
    const load = topic === undefined ? undefined : commands[topic]
    process.stdout.write(load ? commandHelp(topic!, (await load()).default) : await overview())
    return 0
  }
  const load = commands[name]
  if (!load) throw new UsageError(`there is no command '${name}'; 'codeyard help' lists them`)
  const { default: command } = await load()
  // What follows `--` is another program's.
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest
  if (own.includes('--help') || own.includes('-h')) {
    process.stdout.write(commandHelp(name, command))
    return 0
  }
  return command.run(readOptions(name, command, rest))
}

// Compiling is most of a start. The cache lies with the installation, where only its owner writes; elsewhere there is none.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/codeyard', import.meta.url)))

// Without it every 32 MB that pass through a socket or a file cost a full collection of the heap: most of the time of an upload.
setFlagsFromString('--external-memory-accounted-in-global-limit')

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(`codeyard: ${text}\n`)
  if (!(error instanceof UsageError) && process.env.CODEYARD_LOG === 'debug') console.error(error)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

// Starts the commands of a build together with the files that they need: in one call where the sandbox can do that, since each costs
// a tenth of a second in a container.

import { posix } from 'node:path'
import { type Command, MOST_PREPARED, type Preparation, type Run, type Sandbox } from '../sandbox/sandbox.ts'
import { tarOfTexts } from './archives.ts'

/** `run` under `id` from the first byte, with `preparation` made when the command has not begun yet. */
export async function startCommands(
  sandbox: Sandbox,
  id: string,
  command: Command,
  preparation: Preparation,
): Promise<Run> {
  const { directories, files } = preparation
  const texts = Object.entries(files)
  const bytes = texts.reduce((sum, [path, text]) => sum + Buffer.byteLength(path) + 2 * Buffer.byteLength(text), 0)
  if (sandbox.runPrepared && bytes <= MOST_PREPARED) return await sandbox.runPrepared(id, command, preparation)
  for (const directory of directories) {
    const inside = texts.filter(([path]) => posix.dirname(path) === directory)
    await sandbox.put(
      directory,
      tarOfTexts(Object.fromEntries(inside.map(([path, text]) => [posix.basename(path), text]))),
    )
  }
  return await sandbox.run(id, command)
}

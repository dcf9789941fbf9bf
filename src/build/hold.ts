// Holds a build environment that runs no commands of its own: a sandbox that people and API calls work in.

import type { Preparation, Sandbox } from '../sandbox/sandbox.ts'
import { runDirectory } from './breakpoint.ts'
import type { Session } from './session.ts'
import { startCommands } from './startCommands.ts'

const RUN = 'hold'
/** As in drive.sh: what is entered finds the two scripts. Then nothing, for longer than any timeout. */
const HOLD = 'chmod 755 "$1/codebuild-breakpoint" "$1/codebuild-resume" 2>/dev/null; exec sleep 2147483647'

/** Never resolves while the environment lives: it is ended by a stop, a timeout, or because this process lets go. */
export async function holdEnvironment(
  session: Session,
  sandbox: Sandbox,
  preparation: Preparation | undefined,
): Promise<void> {
  const command = { argv: ['/bin/sh', '-c', HOLD, 'codeyard', runDirectory(sandbox)], cwd: '/' }
  const run = preparation ? await startCommands(sandbox, RUN, command, preparation) : await sandbox.run(RUN, command)
  run.output.resume()
  const { exitCode, signal } = await run.result
  const how = signal ? `signal ${signal}` : `exit status ${exitCode}`
  await session.end({
    status: 'FAULT',
    context: {
      statusCode: 'INTERNAL_ERROR',
      message: `Build container found dead before it was stopped: what held it ended with ${how}.`,
    },
  })
}

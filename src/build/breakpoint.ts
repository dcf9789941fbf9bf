// `codebuild-breakpoint` and `codebuild-resume`: two small scripts in every build environment. The pause is a file in the sandbox, so it
// outlives the process that watches the build; who enters finds the environment and the directory of the command that paused.

import { setTimeout as delay } from 'node:timers/promises'
import type { Command, Sandbox } from '../sandbox/sandbox.ts'
import { readTextFile } from './readTextFile.ts'
import { quote } from './script.ts'

/** In a file of the sandbox, for a process that attaches later. */
export interface KeptEnvironment {
  readonly environment: Readonly<Record<string, string>>
  /** Values that the log must not show. */
  readonly secrets: readonly string[]
}

/** The kept environment's file in the run directory. */
export const KEPT = 'environment.json'

/** Absolute directory of the build's own files; no path has a character that a shell reads. */
export const runDirectory = (sandbox: Pick<Sandbox, 'workspace'>) => `${sandbox.workspace}/run`

/** What `codebuild-breakpoint` says in the output besides the marker, when it does not pause. */
const IGNORED = 'is ignored: session connection is not enabled for this build (StartBuild with debugSessionEnabled)'

// AWS: without a session all codebuild-breakpoint and codebuild-resume commands are ignored [session-manager].
/** The scripts by file name, to be put into `directory`, which is on every command's PATH. */
export function breakpointFiles(directory: string, nonce: string, enabled: boolean): Record<string, string> {
  const start = `#!/bin/sh\ndir=${directory}\n`
  if (!enabled) {
    return Object.fromEntries(
      ['codebuild-breakpoint', 'codebuild-resume'].map(name => [name, `${start}echo ${quote(`${name} ${IGNORED}`)}\n`]),
    )
  }
  return {
    'codebuild-breakpoint': `${start}( umask 077; export -p >"$dir/paused.env"; pwd >"$dir/paused.cwd" )
: >"$dir/paused"
printf '\\036${nonce} paused\\n'
while [ -e "$dir/paused" ]; do sleep 0.2 2>/dev/null || sleep 1; done
printf '\\036${nonce} resumed\\n'
`,
    'codebuild-resume': `${start}if [ -e "$dir/paused" ]; then rm -f "$dir/paused" && echo 'The build goes on.'
else echo 'The build is not paused.'; fi
`,
  }
}

/** A build that is entered has most likely begun, or is about to. */
const BEGIN_MS = 3_000

const ENTER = `
dir=$1 cwd=$2; shift 2
if [ -e "$dir/paused" ]; then
  cy_term=$TERM
  [ -r "$dir/paused.env" ] && . "$dir/paused.env"
  TERM=$cy_term; unset cy_term
  cwd=$(cat "$dir/paused.cwd" 2>/dev/null)
fi
case ":$PATH:" in *":$dir:"*) ;; *) PATH=$PATH:$dir; export PATH;; esac
cd "$cwd" 2>/dev/null || cd /
if [ $# -gt 0 ]; then exec /bin/sh -c "$1"; fi
if command -v bash >/dev/null 2>&1; then exec bash; fi
exec /bin/sh -i
`

/** The environment of the commands, once they begin: it is waited for so long. Undefined when they have not begun by then. */
export async function keptEnvironment(sandbox: Sandbox, patienceMs: number): Promise<KeptEnvironment | undefined> {
  const end = performance.now() + patienceMs
  for (;;) {
    const text = await readTextFile(sandbox, `${runDirectory(sandbox)}/${KEPT}`)
    // Half of it may be there.
    const kept = text?.endsWith('}') ? (JSON.parse(text) as KeptEnvironment) : undefined
    if (kept || performance.now() > end) return kept
    await delay(50)
  }
}

/** What gives a person the build's shell: its environment, its directory, or those of the breakpoint. With `line` that line instead of a shell. */
export async function enterCommand(sandbox: Sandbox, line?: string): Promise<Command> {
  const directory = runDirectory(sandbox)
  const kept = await keptEnvironment(sandbox, BEGIN_MS)
  const cwd = kept ? `${sandbox.workspace}/00` : sandbox.workspace
  return {
    argv: ['/bin/sh', '-c', ENTER, 'codeyard', directory, cwd, ...(line === undefined ? [] : [line])],
    cwd: '/',
    env: { ...kept?.environment, TERM: 'xterm-256color' },
  }
}

/** Lets a paused build go on, as `codebuild-resume` does. */
export async function resumeBuild(sandbox: Sandbox, id: string): Promise<void> {
  const run = await sandbox.run(id, { argv: ['rm', '-f', `${runDirectory(sandbox)}/paused`] })
  run.output.resume()
  await run.result
}

/** Whether the build stands at a breakpoint. */
export async function isPaused(sandbox: Sandbox): Promise<boolean> {
  return (await readTextFile(sandbox, `${runDirectory(sandbox)}/paused`)) !== undefined
}

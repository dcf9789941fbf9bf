// Compiles the command phases of a buildspec into shell scripts that run in the sandbox on their own. The scripts know
// every transition beforehand (asked from the same machine that the engine runs), so a build goes on at full speed while
// the process that watches it is gone, and whoever attaches later reads what happened from the output.
//
// drive.sh starts inner.sh and starts it again at the right step when a command ended the shell (`exit`, `exec`, a
// failing `set -e`); inner.sh is the one shell of a 0.2 build: it sources each command's own file. Statuses travel as
// marker lines with a secret word; descriptor 9 is the build's output, closed for the user's commands.
// AWS: after `exit 0` the next command runs [Stack Overflow, "Exit CodeBuild prematurely with success code"].

import type { Buildspec, OnFailure } from '../specs/buildspec/buildspec.ts'
import { firstPhase, nextPhase, type PhaseState } from './machine.ts'
import { COMMAND_PHASE_TYPES, type CommandPhaseType, specPhase } from './phases.ts'

/** One command of the build: the marker names its number. */
export interface Step {
  readonly step: number
  readonly phase: CommandPhaseType
  readonly command: string
}

export interface BuildScript {
  /** File name -> content, all to be put into `directory`. */
  readonly files: Readonly<Record<string, string>>
  readonly steps: ReadonlyMap<number, Step>
}

export interface ScriptInput {
  readonly spec: Buildspec
  /** Absolute, inside the sandbox, without characters that a shell would read. */
  readonly directory: string
  readonly sourceDirectory: string
  /** A secret word of letters and digits: only lines with it are markers. */
  readonly nonce: string
  /** Names whose values are read when the commands are over. */
  readonly exported: readonly string[]
  /** Artifact identifier ('' is the primary) -> name to be evaluated by the shell. */
  readonly artifactNames: Readonly<Record<string, string>>
}

const END_STEP = 9999

export function compileBuild(input: ScriptInput): BuildScript {
  const { spec, directory } = input
  const files: Record<string, string> = {}
  const steps = new Map<number, Step>()
  const enter = new Map<CommandPhaseType, number>()
  const parts = COMMAND_PHASE_TYPES.map((phase, index) => {
    const section = spec.phases[specPhase(phase)]
    const number = (offset: number) => (index + 1) * 1000 * 10 + offset
    enter.set(phase, number(0))
    return { phase, section, number, user: section?.runAs ?? spec.runAs ?? '' }
  })
  const after = (phase: CommandPhaseType, failed: boolean, onFailure?: OnFailure) => {
    const state: PhaseState = { ...firstPhase, phase, retries: Number.MAX_SAFE_INTEGER }
    const next = nextPhase(state, { status: failed ? 'FAILED' : 'SUCCEEDED', onFailure })
    return enter.get(next.phase as CommandPhaseType) ?? END_STEP
  }
  const blocks = parts.map(({ phase, section, number, user }) => {
    const commands = section?.commands ?? []
    const last = section?.finally ?? []
    const firstFinally = number(1 + commands.length)
    const leave = number(1 + commands.length + last.length)
    const lines = [`if __cy_is ${number(0)}; then __cy_enter ${phase} ${quote(user)} ${number(1)}; fi`]
    const block = (offset: number, command: string, onError: number) => {
      const step = number(offset)
      steps.set(step, { step, phase, command })
      files[`${step}.sh`] = `${command}\n`
      lines.push(commandBlock(spec.version, `${directory}/${step}.sh`, step, number(offset + 1), onError))
    }
    for (const [at, command] of commands.entries()) block(1 + at, command, firstFinally)
    for (const [at, command] of last.entries()) {
      const offset = 1 + commands.length + at
      block(offset, command, number(offset + 1))
    }
    const { onFailure } = section ?? {}
    const retry = onFailure?.action === 'RETRY' ? onFailure : undefined
    const asks = retry && retry.pattern !== '.*' ? 'ask' : ''
    const ways = `${after(phase, false, onFailure)} ${after(phase, true, onFailure)}`
    lines.push(`if __cy_is ${leave}; then __cy_leave ${phase} ${ways} ${retry?.count ?? 0} ${number(0)} '${asks}'; fi`)
    return lines.join('\n')
  })
  for (const [identifier, name] of Object.entries(input.artifactNames)) {
    files[`name-${identifier}.sh`] = `command printf '%s' "${name}"\n`
  }
  files['inner.sh'] = innerScript(input, blocks)
  files['drive.sh'] = driveScript(input, parts[0]!.number(0), parts)
  return { files, steps }
}

// AWS: 0.1 runs each command in its own shell, 0.2 all in one [build-spec-ref].
function commandBlock(
  version: Buildspec['version'],
  file: string,
  step: number,
  next: number,
  onError: number,
): string {
  const run =
    version === '0.1' ? `( exec 9>&-; command cd "$CODEBUILD_SRC_DIR"; exec "$__cy_shell" ${file} )` : `. ${file} 9>&-`
  return `if __cy_is ${step}; then
if __cy_fresh ${step}; then
{ __cy_on; } 2>/dev/null
${run}
{ __cy_status="$?"; __cy_off; } 2>/dev/null
fi
__cy_end ${next} ${onError}
fi`
}

function innerScript({ directory, nonce, exported, artifactNames }: ScriptInput, blocks: readonly string[]): string {
  const values = exported.map(name => `__cy_say var ${name}; command printf '%s' "\${${name}-}" >&9; __cy_say endvar`)
  const names = Object.keys(artifactNames).map(
    id => `__cy_say name ${id || '-'}; ( . ${directory}/name-${id}.sh ) 2>/dev/null; __cy_say endname`,
  )
  return `__cy_dir=${directory}
__cy_at="$1" __cy_status="$2" __cy_fail="$3" __cy_try="$4" __cy_good="$5" __cy_user="$6" __cy_shell="$7" __cy_opts=
shift 7
if [ -f "$__cy_dir/env" ]; then . "$__cy_dir/env"; command cd "$(command cat "$__cy_dir/cwd")"; fi
if [ -f "$__cy_dir/functions" ]; then . "$__cy_dir/functions"; fi
__cy_say() { command printf '\\036${nonce} %s %s %s\\n' "$1" "\${2-}" "\${3-}" >&9; }
__cy_is() { case "$__cy_at" in "$1") return 0;; esac; return 1; }
__cy_note() { command printf '%s %s %s %s %s\\n' "$__cy_at" "$__cy_fail" "$__cy_try" "$__cy_good" "$1" > "$__cy_dir/at"; }
__cy_off() { __cy_opts="$-"; set +eufvx; }
__cy_on() {
  case "$__cy_opts" in *u*) set -u;; esac
  case "$__cy_opts" in *f*) set -f;; esac
  case "$__cy_opts" in *v*) set -v;; esac
  case "$__cy_opts" in *e*) set -e;; esac
  case "$__cy_opts" in *x*) set -x;; esac
}
__cy_save() {
  { set +eufvx; } 2>/dev/null
  IFS=' '
  command rm -f "$__cy_dir/env" "$__cy_dir/set" "$__cy_dir/cwd" "$__cy_dir/functions"
  set > "$__cy_dir/set"
  while IFS= read -r __cy_line; do
    case "$__cy_line" in [A-Za-z_]*=*) ;; *) continue;; esac
    __cy_line="\${__cy_line%%=*}"
    case "$__cy_line" in
      *[!A-Za-z0-9_]*|__cy_*|_|IFS|BASH|BASH*|EUID|UID|PPID|SHELLOPTS|LINENO|OPT*|PS[0-9]|FUNCNAME|GROUPS|DIRSTACK|PIPESTATUS) ;;
      RANDOM|SRANDOM|SECONDS|EPOCH*|HIST*|COMP_*|PWD|OLDPWD) ;;
      *) export "$__cy_line";;
    esac
  done < "$__cy_dir/set"
  export -p > "$__cy_dir/env" 2>/dev/null
  case "\${BASH_VERSION-}" in ?*) declare -f > "$__cy_dir/functions";; esac
  command pwd > "$__cy_dir/cwd"
}
__cy_again() { __cy_note again; trap - EXIT; __cy_save; exit 0; }
__cy_enter() {
  case "$__cy_user" in "$2") ;; *) __cy_again;; esac
  __cy_fail=0; __cy_good="$CODEBUILD_BUILD_SUCCEEDING"; __cy_at="$3"; __cy_say enter "$1"
}
__cy_fresh() {
  case "$__cy_status" in ?*) return 1;; esac
  __cy_note "running"; __cy_say begin "$1"
}
__cy_end() {
  __cy_say end "$__cy_at" "$__cy_status"
  case "$__cy_status" in 0) __cy_at="$1";; *) __cy_at="$2"; __cy_fail=1; export CODEBUILD_BUILD_SUCCEEDING=0;; esac
  __cy_status=
}
__cy_leave() {
  case "$__cy_fail" in
    0) __cy_at="$2";;
    *)
      if [ "$__cy_try" -lt "$4" ]; then
        __cy_verdict=retry
        case "$6" in ask)
          command rm -f "$__cy_dir/answer"; command mkfifo -m 666 "$__cy_dir/answer"
          __cy_say ask "$1" "$__cy_try"; IFS= read -r __cy_verdict < "$__cy_dir/answer"; command rm -f "$__cy_dir/answer";;
        esac
        case "$__cy_verdict" in retry)
          __cy_try=$((__cy_try + 1)); __cy_at="$5"; export CODEBUILD_BUILD_SUCCEEDING="$__cy_good"
          __cy_say retry "$1" "$__cy_try"; __cy_again;;
        esac
      fi
      __cy_at="$3";;
  esac
  __cy_try=0
  __cy_say leave "$1" "$__cy_fail"
}
trap __cy_save EXIT
${blocks.join('\n')}
trap - EXIT
${[...values, ...names].join('\n')}
__cy_at=${END_STEP}
__cy_note done
exit 0
`
}

function driveScript(input: ScriptInput, start: number, parts: readonly { number(n: number): number; user: string }[]) {
  const { directory, nonce, spec, sourceDirectory } = input
  const shell = spec.env.shell ?? '/bin/sh'
  const users = parts.map(part => `${Math.floor(part.number(0) / 10000)}????) user=${quote(part.user)};;`).join(' ')
  const asUser = parts.some(part => part.user !== '')
  return `umask 022
dir=${directory}
shell="$(command -v ${quote(shell)} 2>/dev/null)"
say() { printf '\\036${nonce} %s\\n' "$*"; }
case "$shell" in '') say broken "the shell ${shell} is not in this build environment"; exit 1;; esac
cd ${quote(sourceDirectory)} || exit 1
export CODEBUILD_BUILD_SUCCEEDING=1
chmod 755 "$dir"/codebuild-* 2>/dev/null
export PATH="$PATH:$dir"
${asUser ? `chmod 777 "$dir"; chmod -R a+rX ${quote(sourceDirectory)}` : ''}
at=${start} status='' fail=0 try=0 good=1
while :; do
  case "$at" in ${users} *) user=;; esac
  rm -f "$dir/at"
  case "$user" in
    '') "$shell" "$dir/inner.sh" "$at" "$status" "$fail" "$try" "$good" "$user" "$shell" 9>&1 </dev/null;;
    *)
      if ! id "$user" >/dev/null 2>&1; then say broken "run-as: there is no user $user in this build environment"; exit 1; fi
      if [ "$(id -u)" != 0 ] && [ "$(id -un)" != "$user" ]; then
        say broken "run-as $user needs a build environment that runs as root"; exit 1
      fi
      if [ "$(id -un)" = "$user" ]; then
        "$shell" "$dir/inner.sh" "$at" "$status" "$fail" "$try" "$good" "$user" "$shell" 9>&1 </dev/null
      else
        su -m -s /bin/sh "$user" -c "exec '$shell' '$dir/inner.sh' '$at' '$status' '$fail' '$try' '$good' '$user' '$shell'" 9>&1 </dev/null
      fi;;
  esac
  ended=$?
  if [ ! -f "$dir/at" ]; then say broken "the shell could not start (exit status $ended)"; exit 1; fi
  read -r at fail try good what < "$dir/at"
  case "$what" in
    done) say done; exit 0;;
    again) status='';;
    *) status=$ended;;
  esac
done
`
}

/** One shell word. */
export const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

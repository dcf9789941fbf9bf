// The few lines of POSIX sh around every command. Output goes through a pipe (so that `tee /dev/stderr` and `> /dev/stdout` work) to a
// collector that keeps it in a file; the supervisor, not the command, then writes the end mark into the same pipe. So the end and the exit
// status come in order after the last byte, whoever still holds the pipe open, and a process that attaches later reads exactly the same.

/** Argv that enters `cwd` and becomes `argv`; 126 when the directory is not there, 127 when the program is not. */
export function enterAndExec(cwd: string, argv: readonly string[]): string[] {
  return ['/bin/sh', '-c', 'cd "$1" || exit 126; shift; exec "$@"', 'codeyard', cwd, ...argv]
}

// The collector must be found whatever PATH the user set for the command.
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

// Names are prefixed: a variable of the user's environment with the same name would be changed.
const RUN = `( exec "$@" ) 2>&1 </dev/null; printf '\\036%s %s\\036' "$cy_nonce" "$?"`

/**
 * On the host: `sh -c HOST_SUPERVISOR codeyard NONCE OWNER ARGV...`, stdout = the output file; OWNER (or '') gets the pipe. Does nothing until a line comes on stdin (its starter
 * has recorded it by then), writes a first line with its own /proc stat (who to watch), then output, then the end mark.
 */
export const HOST_SUPERVISOR = `
read -r cy_go || exit 125
cy_nonce=$1 cy_owner=$2; shift 2
{ [ -z "$cy_owner" ] || PATH=${SYSTEM_PATH} chown "$cy_owner" /dev/stdout; read -r cy_stat </proc/self/stat; printf '+%s\\n' "$cy_stat"; ${RUN}; } | { PATH=${SYSTEM_PATH}:$PATH; exec cat; }
`

const SINCE = `
cy_since() {
  cy_stat=; read -r cy_stat 2>/dev/null <"/proc/$1/stat" || return 1
  cy_pid=\${cy_stat%% *}; cy_stat=\${cy_stat##*) }
  set -- $cy_stat; shift 19; cy_time=$1
}`

/**
 * In a container: `sh -c CONTAINER_SUPERVISOR codeyard DIR NONCE FROM ARGV...`. Starts the command when DIR is new, else follows what the
 * earlier starter keeps there from byte FROM. What CODEYARD_PREPARE says is done before a start. (`cat` behind `tee`: busybox's writes a kilobyte at a time, the engine wants larger pieces.) The first line says which (S or A) and the nonce of the end mark. Needs tee, tail, cat, mkdir, sleep.
 */
export const CONTAINER_SUPERVISOR = `
cy_dir=$1 cy_nonce=$2 cy_from=$3; shift 3
cy_pause() { sleep 0.02 2>/dev/null || sleep 1; }
${SINCE}
cy_i=0
until [ -d "\${cy_dir%/*}" ]; do cy_i=$((cy_i+1)); [ $cy_i -gt 250 ] && break; cy_pause; done
cy_prepare=\${CODEYARD_PREPARE-}; unset CODEYARD_PREPARE
if mkdir "$cy_dir" 2>/dev/null; then
  cy_error=$( { umask 022; eval "$cy_prepare"; } 2>&1 ) || { rmdir "$cy_dir"; echo "codeyard: can not prepare the command: $cy_error"; exit 125; }
  printf 'S%s\\n' "$cy_nonce"
  {
    cy_since 1; cy_boot=$cy_time; cy_since self
    : >>"$cy_dir/out"; printf '%s %s %s %s %s\\n' "$cy_nonce" "$$" "$cy_pid" "$cy_time" "$cy_boot" >"$cy_dir/run"
    ${RUN}
  } | { PATH=${SYSTEM_PATH}:$PATH; exec tee -a "$cy_dir/out"; } | { PATH=${SYSTEM_PATH}:$PATH; exec cat; }
  exit
fi
[ -d "$cy_dir" ] || { mkdir "$cy_dir"; echo "codeyard: can not keep the output in $cy_dir"; exit 125; }
cy_i=0
until read -r cy_nonce cy_session cy_left cy_started cy_boot 2>/dev/null <"$cy_dir/run"; do
  cy_i=$((cy_i+1)); [ $cy_i -gt 250 ] && { echo "codeyard: $cy_dir was never started"; exit 125; }
  cy_pause
done
printf 'A%s\\n' "$cy_nonce"
exec 3<"$cy_dir/out"
tail -c "+$((cy_from+1))" <&3
cy_i=0
while :; do
  cat <&3
  if cy_since "$cy_left" && [ "$cy_time" = "$cy_started" ]; then cy_i=0; else cy_i=$((cy_i+1)); fi
  [ $cy_i -gt 50 ] && exit
  cy_pause
done
`

/**
 * In a container, as root: `sh -c CONTAINER_KILL codeyard DIR SIGNAL` signals every process of the run's session but its supervisor and
 * collector, which then report the end. Prints how many there were. Builtins only: it must work when the pids limit is nearly reached.
 * Before KILL all are stopped, again until nobody new is found: what is stopped does not fork.
 */
export const CONTAINER_KILL = `
cy_dir=$1 cy_signal=$2
${SINCE}
read -r cy_nonce cy_session cy_left cy_started cy_boot 2>/dev/null <"$cy_dir/run" || exit 0
cy_since 1; [ "$cy_time" = "$cy_boot" ] || exit 0
cy_one() {
  read -r cy_stat 2>/dev/null <"/proc/$1/stat" || return
  cy_stat=\${cy_stat##*) }; cy_pid=$1
  set -- $cy_stat
  [ "$4" = "$cy_session" ] && [ "$cy_pid" != "$cy_session" ] && [ "$2" != "$cy_session" ] && [ "$1" != Z ] || return
  [ "$cy_how$1" != STOPT ] || return
  cy_count=$((cy_count+1)); kill -s "$cy_how" "$cy_pid" 2>/dev/null
}
cy_all() { cy_how=$1 cy_count=0; for cy_p in /proc/[0-9]*; do cy_one "\${cy_p#/proc/}"; done; }
cy_i=0
[ "$cy_signal" = KILL ] && while cy_all STOP; [ $cy_count -gt 0 ] && [ $cy_i -lt 100 ]; do cy_i=$((cy_i+1)); done
cy_all "$cy_signal"
echo "$cy_count"
`

/** A container's main process: makes the place for runs, writable for every user, and stays; reaps orphans when no init does. */
export const CONTAINER_MAIN = `
umask 022; mkdir -p "\${1%/*}"; mkdir -m 1777 "$1" 2>/dev/null
while :; do sleep 86400 & wait $!; done
`

// `codebuild-tests-run` and `codebuild-glob-search`: the commands with which each build of a fanout takes its part of the tests. Two
// scripts for any POSIX shell, since a build environment has no other program for sure.

/** The build's own place among those of the fanout, counted from 0; a build of its own takes all. */
export const SHARD_INDEX = 'CODEYARD_SHARD_INDEX'
export const SHARD_COUNT = 'CODEYARD_SHARD_COUNT'

// AWS: a list, one path a line, relative to the working directory; directories are left out; a message when nothing is found
// [parallel-test-glob-search].
const GLOB_SEARCH = `#!/bin/sh
export LC_ALL=C
[ $# -gt 0 ] || { echo 'usage: codebuild-glob-search PATTERN [PATTERN ...]' >&2; exit 2; }
expression=
for pattern in "$@"; do
  one=$(printf '%s\\n' "$pattern" | sed -e 's#^\\./##' -e 's#^/##' -e 's/[].+^$(){}|\\\\[]/\\\\&/g' -e 's#?#[^/]#g' \\
    -e 's#\\*\\*/#\u0001#g' -e 's#\\*\\*#\u0002#g' -e 's#\\*#[^/]*#g' -e 's#\u0001#(.*/)?#g' -e 's#\u0002#.*#g')
  expression="$expression\${expression:+|}$one"
done
found=$(find . -type f | sed 's#^\\./##' | grep -E "^($expression)$" | sort)
if [ -n "$found" ]; then printf '%s\\n' "$found"; else echo 'No files found matching the given patterns' >&2; fi
`

// AWS: equal-distribution sorts the files and gives each shard a run of them, as long as the others' or one longer; stability goes by a
// hash of each name. The files are appended to the command [parallel-test-tests-run, parallel-test-splitting]. A command that reads
// CODEBUILD_CURRENT_SHARD_FILES itself gets them there only.
const TESTS_RUN = `#!/bin/sh
export LC_ALL=C
fail() { echo "codebuild-tests-run: $*" >&2; exit 2; }
test_command= files_search= strategy=equal-distribution
while [ $# -gt 0 ]; do
  case "$1" in
    --*=*) option=\${1%%=*} value=\${1#*=}; shift;;
    --*) [ $# -gt 1 ] || fail "$1 needs a value"; option=$1 value=$2; shift 2;;
    *) fail "unexpected argument $1";;
  esac
  case "$option" in
    --test-command) test_command=$value;;
    --files-search) files_search=$value;;
    --sharding-strategy) strategy=$value;;
    *) fail "unknown option $option";;
  esac
done
[ -n "$test_command" ] || fail '--test-command is required'
[ -n "$files_search" ] || fail '--files-search is required'
index=\${${SHARD_INDEX}:-0} count=\${${SHARD_COUNT}:-1}
all=$(sh -c "$files_search") || fail "the command of --files-search ended with $?"
all=$(printf '%s\\n' "$all" | sed '/^[[:space:]]*$/d' | sort -u)
total=0
[ -z "$all" ] || total=$(printf '%s\\n' "$all" | wc -l)
case "$strategy" in
  equal-distribution)
    base=$((total / count)) extra=$((total % count))
    if [ "$index" -lt "$extra" ]; then from=$((index * base + index + 1)) many=$((base + 1))
    else from=$((index * base + extra + 1)) many=$base; fi
    mine=
    [ "$many" -eq 0 ] || mine=$(printf '%s\\n' "$all" | sed -n "$from,$((from + many - 1))p");;
  stability)
    mine=$([ -z "$all" ] || printf '%s\\n' "$all" | while IFS= read -r file; do
      hash=$(printf '%s' "$file" | cksum)
      [ $((\${hash%% *} % count)) -ne "$index" ] || printf '%s\\n' "$file"
    done);;
  *) fail "--sharding-strategy must be equal-distribution or stability, not $strategy";;
esac
if [ -z "$mine" ]; then
  echo "No test files for shard $((index + 1)) of $count ($total in all)"
  exit 0
fi
echo "Shard $((index + 1)) of $count: $(printf '%s\\n' "$mine" | wc -l | tr -d ' ') of $total test files"
export CODEBUILD_CURRENT_SHARD_FILES="$mine"
unset LC_ALL
case "$test_command" in
  *CODEBUILD_CURRENT_SHARD_FILES*) exec sh -c "$test_command";;
esac
set -f
IFS='
'
set -- $mine
unset IFS
set +f
exec sh -c "$test_command \\"\\$@\\"" sh "$@"
`

/** The scripts by file name, for a directory that is on every command's PATH. */
export const shardFiles = { 'codebuild-glob-search': GLOB_SEARCH, 'codebuild-tests-run': TESTS_RUN } as const

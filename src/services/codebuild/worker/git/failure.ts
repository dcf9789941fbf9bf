// What went wrong with git, in the words that AWS has for it.

import { BuildFailure } from '../../../../build/build.ts'
import { GitFailure } from './runGit.ts'

// AWS: `CLIENT_ERROR: reference not found for primary source and source version nope`; `repository not found`, `authentication required` and
// `authorization failed` alike.
/** `which` is the source, for example `primary source`; `hidden` never shows. */
export function cloneFailure(
  error: GitFailure,
  which: string,
  version: string | undefined,
  hidden?: string,
): BuildFailure {
  const { reason, plain } = reasonOf(error.stderr)
  const said = hidden ? plain.replaceAll(hidden, '***') : plain
  return new BuildFailure('CLIENT_ERROR', `${reason} for ${which} and source version ${version ?? ''}: ${said}`)
}

function reasonOf(stderr: string): { reason: string; plain: string } {
  const lines = stderr
    .trim()
    .split('\n')
    .filter(line => line !== '')
  const plain = (lines.find(line => /^(fatal|error)/.test(line)) ?? lines.at(-1) ?? 'git ended').trim()
  const has = (pattern: RegExp) => pattern.test(stderr)
  if (
    has(
      /Remote branch .* not found|couldn't find remote ref|pathspec|not a tree|reference not found|not our ref|did not match any/i,
    )
  )
    return { reason: 'reference not found', plain }
  if (has(/could not read Username|Authentication failed|error: 401/))
    return { reason: 'authentication required', plain }
  if (has(/error: 403/)) return { reason: 'authorization failed', plain }
  if (has(/repository .*not found|does not exist|error: 404/i)) return { reason: 'repository not found', plain }
  // AWS: `Git clone failed: Unable to access 'URL': SSL certificate problem: Self signed certificate` [troubleshooting].
  return { reason: 'Git clone failed', plain }
}

export const isGitFailure = (error: unknown): error is GitFailure => error instanceof GitFailure

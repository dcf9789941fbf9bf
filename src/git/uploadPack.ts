// Fetches are git's own work: upload-pack runs on the directory, its output goes to the client as fast as the client reads.

import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { packet } from './pktLine.ts'
import { GitError, startGit } from './run.ts'

export interface UploadPackRequest {
  readonly dir: string
  /** What the client sent as Git-Protocol, for example `version=2`. */
  readonly protocol?: string
  readonly input?: Readable
  readonly output: Writable
  /** `advertise`: only the first list; `stateless`: one request and its answer (HTTP); `stateful`: a whole talk (SSH). */
  readonly mode: 'advertise' | 'stateless' | 'stateful'
  readonly signal?: AbortSignal
}

/** Resolves when everything is written; git and its children are ended when either side breaks off. */
export async function uploadPack({ dir, protocol, input, output, mode, signal }: UploadPackRequest): Promise<void> {
  const flags = { advertise: ['--http-backend-info-refs'], stateless: ['--stateless-rpc'], stateful: [] }[mode]
  const version = protocolVersion(protocol)
  const git = startGit(['upload-pack', '--strict', ...flags, '.'], {
    dir,
    ...(signal && { signal }),
    env: version === undefined ? {} : { GIT_PROTOCOL: version },
  })
  if (mode === 'advertise' && version !== 'version=2') {
    output.write(Buffer.concat([packet('# service=git-upload-pack\n'), Buffer.from('0000')]))
  }
  try {
    const sent = pipeline(git.child.stdout, output, { end: mode !== 'stateful' })
    if (input) {
      // When git has its answer ready before it read everything, what is left is of no use.
      pipeline(input, git.child.stdin, { end: true }).catch(() => {})
    } else git.child.stdin.end()
    await sent
    const { exitCode, stderr } = await git.ended
    if (exitCode !== 0) throw new GitError(git.args, exitCode, stderr)
  } finally {
    git.kill()
  }
}

/** Only what git itself defines is passed on. */
function protocolVersion(text: string | undefined): string | undefined {
  const version = text?.split(':').find(part => /^version=[012]$/.test(part))
  return version
}

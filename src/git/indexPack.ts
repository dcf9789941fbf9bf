// Streams a pack into a quarantine through git index-pack, which completes and checks it.

import { once } from 'node:events'
import type { ByteSource } from './byteSource.ts'
import type { Reply } from './pushReply.ts'
import type { PushRequest } from './pushRequest.ts'
import type { Quarantine } from './quarantine.ts'
import { startGit } from './run.ts'

/** Objects that old repositories have and that harm nobody; everything else that fsck finds refuses the push. */
const HARMLESS = [
  'zeroPaddedFilemode',
  'missingSpaceBeforeDate',
  'badTimezone',
  'badDateOverflow',
  'missingNameBeforeEmail',
  'badEmail',
]

export interface Incoming {
  readonly dir: string
  readonly push: PushRequest
  readonly source: ByteSource
  readonly quarantine: Quarantine
  readonly reply: Reply
  readonly drain: boolean
  readonly signal?: AbortSignal
}

/** Streams the pack into the quarantine; undefined, or why it was refused. */
export async function indexPack({
  dir,
  push,
  source,
  quarantine,
  reply,
  drain,
  signal,
}: Incoming): Promise<string | undefined> {
  const progress = push.capabilities.has('quiet') ? [] : ['--show-resolving-progress']
  const strict = `--strict=${HARMLESS.map(id => `${id}=ignore`).join(',')}`
  const git = startGit(['index-pack', '--stdin', '--fix-thin', strict, ...progress], {
    dir,
    env: quarantine.env,
    ...(signal && { signal }),
  })
  if (progress.length > 0) git.child.stderr.on('data', (chunk: Buffer) => reply.say(chunk))
  git.child.stdout.resume()
  let over = false
  const { stdin } = git.child
  const feed = (async () => {
    for (;;) {
      const chunk = await source.next()
      if (!chunk) {
        stdin.end()
        return
      }
      if (over) {
        if (!drain) return
      } else if (!stdin.write(chunk)) {
        await Promise.race([once(stdin, 'drain'), git.ended]).catch(() => {})
      }
    }
  })()
  feed.catch(() => git.kill()) // the client hung up
  const { exitCode, stderr } = await git.ended
  over = true
  if (drain) await feed
  if (exitCode === 0) return undefined
  signal?.throwIfAborted()
  const told = stderr.split('\n').find(line => /^(fatal|error): /.test(line)) ?? 'index-pack abnormal exit'
  return told.replace(/^(fatal|error): /, '').slice(0, 500)
}

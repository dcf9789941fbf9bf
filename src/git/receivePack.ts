// A push's life: commands, then the pack streams through git index-pack into quarantine, is checked for completeness, moves
// in, and the owner of the references decides in its transaction. Whatever happens, the quarantine is removed.

import type { Readable, Writable } from 'node:stream'
import { type ByteSource, byteSource } from './byteSource.ts'
import { type CheckedCommand, describe, incomplete } from './checkObjects.ts'
import { indexPack } from './indexPack.ts'
import { isReferenceName, ZERO_ID } from './names.ts'
import { ProtocolError, packet } from './pktLine.ts'
import { type Reply, replyTo } from './pushReply.ts'
import { type PushRequest, readPushRequest } from './pushRequest.ts'
import { openQuarantine, type Quarantine } from './quarantine.ts'
import type { Command, CommandResult } from './references.ts'

export interface PushOwner {
  /** Before any object is taken: which commands can not succeed (permission, stale old value). Leaves out what may. */
  refuse(commands: readonly Command[], atomic: boolean): Promise<readonly CommandResult[]>
  /** Changes the references, all or (unless `atomic`) each for itself; objects are in place. One result a command. */
  update(
    commands: readonly CheckedCommand[],
    atomic: boolean,
    options: readonly string[],
  ): Promise<readonly CommandResult[]>
  /** Sentences for the person who pushes, shown as `remote: ...`; asked for at the end. */
  messages?(): readonly string[]
}

export interface ReceiveRequest {
  /** Where quarantines are made: the same file system as `dir`. */
  readonly root: string
  readonly dir: string
  readonly input: Readable
  readonly output: Writable
  readonly owner: PushOwner
  readonly signal?: AbortSignal
  /** HTTP: the input ends after the pack, and the client wants it read to the end. */
  readonly drain: boolean
}

/** Answers the push on `output` (not ended here) and resolves with what became of its commands. */
export async function receivePack(request: ReceiveRequest): Promise<readonly CommandResult[]> {
  const { input, output, owner, signal } = request
  const source = byteSource(input)
  let push: PushRequest
  try {
    push = await readPushRequest(source)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    output.write(packet(`ERR ${error.message}\n`))
    if (request.drain) await drainRest(source)
    return []
  }
  if (push.commands.length === 0) return []

  const reply = replyTo(push, output)
  const alive = setInterval(reply.keepAlive, 5000)
  const quarantine = await openQuarantine(request.root, request.dir)
  try {
    const { unpack, results } = await handle(request, push, source, quarantine, reply)
    signal?.throwIfAborted()
    for (const sentence of owner.messages?.() ?? []) reply.say(`${sentence}\n`)
    await reply.report(unpack, results)
    return results
  } finally {
    clearInterval(alive)
    await quarantine.remove()
  }
}

/** AWS: at most 4,000 references in a single push (CodeCommit quotas). */
const MOST_COMMANDS = 4000

interface Outcome {
  /** `ok`, or why no object was taken. */
  readonly unpack: string
  readonly results: readonly CommandResult[]
}

async function handle(
  { dir, owner, signal, drain }: ReceiveRequest,
  push: PushRequest,
  source: ByteSource,
  quarantine: Quarantine,
  reply: Reply,
): Promise<Outcome> {
  const atomic = push.capabilities.has('atomic')
  const rejected = new Map<string, string>()
  const reject = (names: readonly string[], reason: string) => {
    for (const name of names) if (!rejected.has(name)) rejected.set(name, reason)
  }
  const open = () => push.commands.filter(({ name }) => !rejected.has(name))
  const settle = (done: readonly CommandResult[] = []): CommandResult[] => {
    const results = new Map(done.map(result => [result.name, result]))
    return push.commands.map(({ name }) => {
      const reason = rejected.get(name)
      return reason === undefined
        ? (results.get(name) ?? { name, status: 'rejected', reason: 'internal error' })
        : { name, status: 'rejected', reason }
    })
  }
  /** With `atomic`, one that fails takes all others with it. */
  const stop = () => {
    if (atomic && rejected.size > 0)
      reject(
        open().map(({ name }) => name),
        'atomic push failure',
      )
    return open().length === 0
  }

  if (push.commands.length > MOST_COMMANDS) {
    reject(
      push.commands.map(({ name }) => name),
      `a push can change at most ${MOST_COMMANDS} references`,
    )
  }
  reject(
    push.commands.filter(({ name }) => !isReferenceName(name)).map(({ name }) => name),
    'funny refname',
  )
  const seen = new Set<string>()
  const again = push.commands.filter(({ name }) => seen.size === seen.add(name).size)
  reject(
    again.map(({ name }) => name),
    'multiple updates for ref not allowed',
  )
  if (open().length > 0) {
    for (const result of await owner.refuse(open(), atomic)) {
      if (result.status === 'rejected') reject([result.name], result.reason)
    }
  }
  const sendsPack = push.commands.some(command => command.new !== ZERO_ID)
  if (stop()) {
    if (sendsPack && drain) await drainRest(source)
    return { unpack: 'ok', results: settle() }
  }

  if (sendsPack) {
    const failure = await indexPack({ dir, push, source, quarantine, reply, drain, ...(signal && { signal }) })
    if (failure !== undefined) {
      const reason = push.shallow ? 'shallow update not allowed' : 'unpacker error'
      reject(
        open().map(({ name }) => name),
        reason,
      )
      return { unpack: failure, results: settle() }
    }
  }
  const env = { dir, env: quarantine.env, ...(signal && { signal }) }
  const checked = await describe(open(), env)
  for (const command of await incomplete(checked, env)) {
    reject([command.name], push.shallow ? 'shallow update not allowed' : 'missing necessary objects')
  }
  if (stop()) return { unpack: 'ok', results: settle() }
  signal?.throwIfAborted()
  if (sendsPack) await quarantine.migrate()
  const kept = checked.filter(({ name }) => !rejected.has(name))
  return { unpack: 'ok', results: settle(await owner.update(kept, atomic, push.options)) }
}

async function drainRest(source: ByteSource): Promise<void> {
  while (await source.next());
}

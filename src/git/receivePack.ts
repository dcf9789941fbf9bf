// A push's life: commands, then the pack streams through git index-pack into quarantine, is checked for completeness, moves
// in, and the owner of the references decides in its transaction. Whatever happens, the quarantine is removed.

import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { type ByteSource, byteSource } from './byteSource.ts'
import { isReferenceName, ZERO_ID } from './names.ts'
import { FLUSH, MOST_PAYLOAD, ProtocolError, packet, sideBand } from './pktLine.ts'
import { type PushRequest, readPushRequest } from './pushRequest.ts'
import { openQuarantine, type Quarantine } from './quarantine.ts'
import type { Command, CommandResult } from './references.ts'
import { GitError, runGit, startGit } from './run.ts'

/** A command with what its new object is, as far as the owner needs it. */
export interface CheckedCommand extends Command {
  /** Of the new object; undefined for a deletion. */
  readonly type?: 'commit' | 'tag' | 'tree' | 'blob'
  /** What an annotated tag finally points to. */
  readonly peeled?: string
}

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

/** Objects that old repositories have and that harm nobody; everything else that fsck finds refuses the push. */
const HARMLESS = [
  'zeroPaddedFilemode',
  'missingSpaceBeforeDate',
  'badTimezone',
  'badDateOverflow',
  'missingNameBeforeEmail',
  'badEmail',
]

interface Incoming {
  readonly dir: string
  readonly push: PushRequest
  readonly source: ByteSource
  readonly quarantine: Quarantine
  readonly reply: Reply
  readonly drain: boolean
  readonly signal?: AbortSignal
}

/** Streams the pack into the quarantine; undefined, or why it was refused. */
async function indexPack({
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

type Environment = Parameters<typeof runGit>[1]

/** What each new object is, with one process for all. */
async function describe(commands: readonly Command[], env: Environment): Promise<CheckedCommand[]> {
  const ids = commands.map(command => command.new).filter(id => id !== ZERO_ID)
  if (ids.length === 0) return [...commands]
  const output = await runGit(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    ...env,
    input: ids.flatMap(id => [`${id}\n`, `${id}^{}\n`]).join(''),
  })
  const lines = output.toString('latin1').split('\n')
  const described = new Map(
    ids.map((id, index) => {
      const type = lines[index * 2]?.split(' ')[1]
      const peeled = lines[index * 2 + 1]?.split(' ')[0]
      return [id, { type, peeled }]
    }),
  )
  return commands.map(command => {
    const { type, peeled } = described.get(command.new) ?? {}
    if (type !== 'commit' && type !== 'tag' && type !== 'tree' && type !== 'blob') return command
    return { ...command, type, ...(type === 'tag' && peeled && { peeled }) }
  })
}

/** The commands whose history would have holes. All are asked at once; only a failure is looked at one by one. */
async function incomplete(commands: readonly CheckedCommand[], env: Environment): Promise<CheckedCommand[]> {
  const changes = commands.filter(command => command.new !== ZERO_ID)
  const absent = changes.filter(command => command.type === undefined)
  const present = changes.filter(command => command.type !== undefined)
  if (await isConnected(present, env)) return absent
  if (present.length === 1) return changes
  const holes: CheckedCommand[] = []
  for (const command of present) if (!(await isConnected([command], env))) holes.push(command)
  return [...absent, ...holes]
}

async function isConnected(commands: readonly CheckedCommand[], env: Environment): Promise<boolean> {
  if (commands.length === 0) return true
  try {
    await runGit(['rev-list', '--objects', '--stdin', '--not', '--all', '--quiet'], {
      ...env,
      input: commands.map(command => `${command.new}\n`).join(''),
      deadline: 900_000,
    })
    return true
  } catch (error) {
    if (error instanceof GitError && error.exitCode !== null) return false
    throw error
  }
}

async function drainRest(source: ByteSource): Promise<void> {
  while (await source.next());
}

interface Reply {
  /** Shown to the person as `remote: ...`, where the client can. */
  say(text: string | Uint8Array): void
  /** Keeps proxies and clients from giving up while git works. */
  keepAlive(): void
  report(unpack: string, results: readonly CommandResult[]): Promise<void>
}

function replyTo({ capabilities }: PushRequest, output: Writable): Reply {
  const banded = capabilities.has('side-band-64k')
  const write = async (bytes: Buffer) => {
    if (!output.destroyed && !output.write(bytes)) await Promise.race([once(output, 'drain'), once(output, 'close')])
  }
  return {
    say(text) {
      if (banded && !output.destroyed) output.write(sideBand(2, text))
    },
    keepAlive() {
      if (banded && !output.destroyed) output.write(packet(Buffer.from([1])))
    },
    async report(unpack, results) {
      if (!capabilities.has('report-status') && !capabilities.has('report-status-v2')) {
        if (banded) await write(FLUSH)
        return
      }
      const report = Buffer.concat([
        packet(`unpack ${unpack}\n`),
        ...results.map(result => packet(line(result))),
        FLUSH,
      ])
      await write(banded ? Buffer.concat([sideBand(1, report), FLUSH]) : report)
    },
  }
}

function line(result: CommandResult): string {
  if (result.status === 'ok') return `ok ${result.name}\n`
  return `ng ${result.name} ${result.reason.replaceAll('\n', ' ')}`.slice(0, MOST_PAYLOAD - 1).concat('\n')
}

// The head of a push as the client sends it: commands, capabilities, shallow lines, push options; the pack follows.

import type { ByteSource } from './byteSource.ts'
import { isObjectId, ZERO_ID } from './names.ts'
import { ProtocolError, packet, readPacket } from './pktLine.ts'
import type { Command, Reference } from './references.ts'

export interface PushRequest {
  readonly commands: readonly Command[]
  readonly capabilities: ReadonlySet<string>
  readonly options: readonly string[]
  /** The pushing clone has no complete history. */
  readonly shallow: boolean
}

/** Beyond any honest client: protects memory. */
const MOST_LINES = 100_000
const CAPABILITIES =
  'report-status report-status-v2 delete-refs side-band-64k quiet atomic ofs-delta push-options object-format=sha1 agent=git/codeyard'

/** The list of references that a push begins with, sorted by name. */
export function* advertisement(references: readonly Reference[], version1: boolean): Generator<Buffer> {
  if (version1) yield packet('version 1\n')
  if (references.length === 0) yield packet(`${ZERO_ID} capabilities^{}\0${CAPABILITIES}\n`)
  for (const [index, { id, name }] of references.entries()) {
    yield packet(index === 0 ? `${id} ${name}\0${CAPABILITIES}\n` : `${id} ${name}\n`)
  }
  yield Buffer.from('0000')
}

/** No commands at all is how a client asks whether it may push. */
export async function readPushRequest(source: ByteSource): Promise<PushRequest> {
  const commands: Command[] = []
  let capabilities = new Set<string>()
  let shallow = false
  for (let first = true; ; ) {
    const line = await readPacket(source)
    if (line === 'flush' || (line === 'end' && first)) break
    if (line === 'end') throw new ProtocolError('the remote end hung up unexpectedly')
    const [text = '', features] = line.toString('utf8').split('\0')
    if (text.startsWith('shallow ')) {
      shallow = true
      continue
    }
    if (first) capabilities = new Set((features ?? '').trim().split(' ').filter(Boolean))
    first = false
    if (commands.push(readCommand(text)) > MOST_LINES) throw new ProtocolError('too many references')
  }
  const format = [...capabilities].find(capability => capability.startsWith('object-format='))
  if (format && format !== 'object-format=sha1') throw new ProtocolError(`unsupported ${format}`)
  const options = commands.length > 0 && capabilities.has('push-options') ? await readOptions(source) : []
  return { commands, capabilities, options, shallow }
}

function readCommand(text: string): Command {
  const [, old = '', fresh = '', name = ''] = /^(\S{40}) (\S{40}) (.+?)\n?$/s.exec(text) ?? []
  if (!isObjectId(old) || !isObjectId(fresh))
    throw new ProtocolError(`protocol error: expected old/new/ref, got '${text.slice(0, 200).trim()}'`)
  return { old, new: fresh, name }
}

async function readOptions(source: ByteSource): Promise<string[]> {
  const options: string[] = []
  for (;;) {
    const line = await readPacket(source)
    if (line === 'flush' || line === 'end') return options
    if (options.push(line.toString('utf8').trimEnd()) > 100) throw new ProtocolError('too many push options')
  }
}

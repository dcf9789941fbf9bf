import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type AgentMessage, decodeMessage, encodeMessage, PayloadType } from './agentMessage.ts'
import { createDataChannel, type DataChannel, PAYLOAD_BYTES } from './dataChannel.ts'

const id = '00112233-4455-6677-8899-aabbccddeeff'

describe('a message', () => {
  const payload = Buffer.from('ls -l\n')
  const frame = encodeMessage(
    { type: 'input_stream_data', id, sequence: 258, flags: 1n, payloadType: PayloadType.output, payload },
    0x0102030405,
  )

  test('is byte by byte what the plugin and the agent write', () => {
    const expected = [
      '00000074', // header length: 116
      Buffer.from('input_stream_data               ').toString('hex'), // type, padded with spaces to 32
      '00000001', // schema version
      '0000000102030405', // created
      '0000000000000102', // sequence number
      '0000000000000001', // flags: SYN
      '8899aabbccddeeff', // second half of the id
      '0011223344556677', // first half of the id
      createHash('sha256').update('ls -l\n').digest('hex'),
      '00000001', // payload type: output
      '00000006', // payload length
      '6c73202d6c0a', // payload
    ]
    expect(frame.toString('hex')).toBe(expected.join(''))
    expect(frame.length).toBe(126)
  })

  test('is read back as it was', () => {
    expect(decodeMessage(frame)).toEqual({
      type: 'input_stream_data',
      id,
      createdAt: 0x0102030405,
      sequence: 258,
      flags: 1n,
      payloadType: 1,
      payload,
    })
  })

  test('with a type padded by NULs is read as well, as the plugin does', () => {
    const padded = Buffer.from(frame)
    padded.fill(0, 4 + 'input_stream_data'.length, 36)
    expect(decodeMessage(padded)?.type).toBe('input_stream_data')
  })

  test.each([
    ['is empty', () => Buffer.alloc(0)],
    ['ends before its payload', () => frame.subarray(0, 119)],
    ['has lost a byte', () => frame.subarray(0, 125)],
    ['has a byte more', () => Buffer.concat([frame, Buffer.from('x')])],
    ['has another payload than its digest', () => change(125, 0x21)],
    ['has a header longer than itself', () => change(0, 0xff)],
    ['has a negative number', () => change(48, 0xff)],
  ])('that %s is none', (_, make) => {
    expect(decodeMessage(make())).toBeUndefined()
  })

  const change = (at: number, value: number) => {
    const bytes = Buffer.from(frame)
    bytes[at] = value
    return bytes
  }
})

describe('a channel', () => {
  function pair(drop: (frame: AgentMessage) => boolean = () => false) {
    const clock = { now: 1_000 }
    const heard: { server: string[]; client: string[] } = { server: [], client: [] }
    const closed: unknown[] = []
    let lost = 0
    const ends: { server?: DataChannel; client?: DataChannel } = {}
    const make = (side: 'server' | 'client', other: 'server' | 'client'): DataChannel =>
      createDataChannel({
        wire: {
          waiting: 0,
          send: bytes => {
            if (!drop(decodeMessage(bytes)!)) queueMicrotask(() => ends[other]?.receive(bytes))
          },
        },
        sends: side === 'server' ? 'output_stream_data' : 'input_stream_data',
        now: () => clock.now,
        heard: message => void heard[side].push(`${message.payloadType}:${message.payload}`),
        closed: content => void closed.push(content),
        lost: () => void lost++,
      })
    ends.server = make('server', 'client')
    ends.client = make('client', 'server')
    return { server: ends.server, client: ends.client, heard, closed, clock, lost: () => lost }
  }

  test('carries both directions in order, and long payloads in pieces of the size that the agent uses', async () => {
    const { server, client, heard } = pair()
    client.send(PayloadType.output, Buffer.from('a'))
    client.send(PayloadType.size, Buffer.from('{}'))
    server.send(PayloadType.output, Buffer.alloc(PAYLOAD_BYTES + 1, 'x'))
    await Promise.all([server.acknowledged(), client.acknowledged()])
    expect(heard.server).toEqual(['1:a', '3:{}'])
    expect(heard.client.map(text => text.length)).toEqual([PAYLOAD_BYTES + 2, 3])
    server.end()
    client.end()
  })

  test('sends a message again that was not acknowledged, and hears it once', async () => {
    const lostOnce = new Set<string>()
    const { server, client, heard, clock } = pair(({ type, sequence }) => {
      const key = `${type} ${sequence}`
      const first = sequence === 1 && type === 'output_stream_data' && !lostOnce.has(key)
      lostOnce.add(key)
      return first
    })
    for (const text of ['one', 'two', 'three']) server.send(PayloadType.output, Buffer.from(text))
    await server.room()
    clock.now += 2_000
    await server.acknowledged()
    expect(heard.client).toEqual(['1:one', '1:two', '1:three'])
    server.end()
    client.end()
  })

  test('gives up on an end that acknowledges nothing for five minutes', async () => {
    const { server, client, clock, lost } = pair(() => true)
    server.send(PayloadType.output, Buffer.from('x'))
    clock.now += 301_000
    await expect.poll(lost).toBeGreaterThan(0)
    server.end()
    client.end()
    await server.acknowledged()
  })

  test('is closed with a reason, and passes over frames that are no messages', async () => {
    const { server, client, closed } = pair()
    client.receive(Buffer.from('nonsense'))
    client.receive(encodeMessage({ type: 'acknowledge', payload: Buffer.from('null') }, 1))
    server.close({ SessionId: 's', Output: 'bye', ExitCode: 3 })
    await expect.poll(() => closed).toEqual([{ SessionId: 's', Output: 'bye', ExitCode: 3 }])
    server.end()
    client.end()
  })
})

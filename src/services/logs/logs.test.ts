// CloudWatch Logs through its operations: groups, streams, events, filters, retention. Long, since all of it stands on the same few groups.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { logs } from './index.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [logs] })
})
afterAll(() => house.close())

const now = () => house.clock.now().getTime()

async function makeStream(group: string, ...streams: string[]) {
  await house.invoke('logs', 'CreateLogGroup', { logGroupName: group })
  for (const stream of streams)
    await house.invoke('logs', 'CreateLogStream', { logGroupName: group, logStreamName: stream })
}

const put = (group: string, stream: string, events: [timestamp: number, message: string][]) =>
  house.invoke('logs', 'PutLogEvents', {
    logGroupName: group,
    logStreamName: stream,
    logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
  })

const messages = (page: { events?: { message?: string | undefined }[] | undefined }) => page.events!.map(e => e.message)

describe('groups', () => {
  test('are created once, listed in ASCII order, found by prefix and substring, and paged', async () => {
    for (const name of ['/g/b', '/g/B', '/g/a', '/other'])
      await house.invoke('logs', 'CreateLogGroup', { logGroupName: name, tags: { t: name } })
    await expect(house.invoke('logs', 'CreateLogGroup', { logGroupName: '/g/a' })).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    })
    const listed = await house.invoke('logs', 'DescribeLogGroups', { logGroupNamePrefix: '/g/' })
    expect(listed.logGroups!.map(group => group.logGroupName)).toEqual(['/g/B', '/g/a', '/g/b'])
    expect(listed.logGroups![0]).toMatchObject({
      arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/g/B:*',
      logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/g/B',
      creationTime: now(),
      storedBytes: 0,
    })
    const first = await house.invoke('logs', 'DescribeLogGroups', { logGroupNamePrefix: '/g/', limit: 2 })
    const second = await house.invoke('logs', 'DescribeLogGroups', {
      logGroupNamePrefix: '/g/',
      limit: 2,
      nextToken: first.nextToken,
    })
    expect(second.logGroups!.map(group => group.logGroupName)).toEqual(['/g/b'])
    expect(second.nextToken).toBeUndefined()
    const found = await house.invoke('logs', 'DescribeLogGroups', { logGroupNamePattern: 'the' })
    expect(found.logGroups!.map(group => group.logGroupName)).toEqual(['/other'])
  })

  test('a missing one is said in AWS words, and a bad name is an InvalidParameterException', async () => {
    await expect(house.invoke('logs', 'DeleteLogGroup', { logGroupName: 'none' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    })
    await expect(house.invoke('logs', 'CreateLogGroup', { logGroupName: 'a b' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message:
        "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+',
    })
    await expect(house.invoke('logs', 'DescribeLogGroups', { nextToken: 'x' })).rejects.toMatchObject({
      message: 'The specified nextToken is invalid.',
    })
  })

  test('tags are kept by ARN and by name', async () => {
    await house.invoke('logs', 'CreateLogGroup', { logGroupName: 'tagged', tags: { a: '1' } })
    const resourceArn = 'arn:aws:logs:us-east-1:000000000000:log-group:tagged'
    await house.invoke('logs', 'TagResource', { resourceArn, tags: { b: '2' } })
    await house.invoke('logs', 'UntagLogGroup', { logGroupName: 'tagged', tags: ['a'] })
    expect(await house.invoke('logs', 'ListTagsForResource', { resourceArn })).toEqual({ tags: { b: '2' } })
  })

  test('deletion takes the name away at once and the data in batches', async () => {
    await makeStream('gone', 's1', 's2')
    await put('gone', 's1', [[now(), 'x']])
    await house.invoke('logs', 'DeleteLogGroup', { logGroupName: 'gone' })
    await expect(put('gone', 's1', [[now(), 'y']])).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
    await makeStream('gone', 's1')
    expect(messages(await house.invoke('logs', 'GetLogEvents', { logGroupName: 'gone', logStreamName: 's1' }))).toEqual(
      [],
    )
    await house.runJobs()
    const left = await house.store.read(
      tx => tx.rows`select 1 from logs.chunks c left join logs.streams s on s.id = c.stream_id where s.id is null`,
    )
    expect(left).toEqual([])
  })
})

describe('streams', () => {
  test('are listed by name and by last event, both ways, in pages', async () => {
    await makeStream('listing', 'a', 'b', 'c', 'd')
    await put('listing', 'b', [[now() - 2000, 'b']])
    await put('listing', 'a', [[now() - 1000, 'a']])
    await put('listing', 'c', [[now() - 1000, 'c']])
    const walk = async (options: { orderBy?: 'LastEventTime' | 'LogStreamName'; descending?: boolean }) => {
      const names: (string | undefined)[] = []
      let nextToken: string | undefined
      do {
        const page = await house.invoke('logs', 'DescribeLogStreams', {
          logGroupName: 'listing',
          limit: 1,
          nextToken,
          ...options,
        })
        names.push(...page.logStreams!.map(stream => stream.logStreamName))
        nextToken = page.nextToken
      } while (nextToken)
      return names.join('')
    }
    expect(await walk({})).toBe('abcd')
    expect(await walk({ descending: true })).toBe('dcba')
    expect(await walk({ orderBy: 'LastEventTime' })).toBe('dbac')
    expect(await walk({ orderBy: 'LastEventTime', descending: true })).toBe('cabd')
    const [stream] = (
      await house.invoke('logs', 'DescribeLogStreams', { logGroupName: 'listing', logStreamNamePrefix: 'b' })
    ).logStreams!
    expect(stream).toMatchObject({
      firstEventTimestamp: now() - 2000,
      lastEventTimestamp: now() - 2000,
      lastIngestionTime: now(),
    })
    await expect(
      house.invoke('logs', 'DescribeLogStreams', {
        logGroupName: 'listing',
        logStreamNamePrefix: 'b',
        orderBy: 'LastEventTime',
      }),
    ).rejects.toMatchObject({ message: 'Cannot order by LastEventTime with a logStreamNamePrefix.' })
  })

  test('a missing stream, and one that is there already', async () => {
    await makeStream('once', 's')
    await expect(
      house.invoke('logs', 'CreateLogStream', { logGroupName: 'once', logStreamName: 's' }),
    ).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
      message: 'The specified log stream already exists',
    })
    await expect(put('once', 'none', [[now(), 'x']])).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    })
  })

  test('a deleted stream comes back empty', async () => {
    await makeStream('again', 's')
    await put('again', 's', [[now(), 'old']])
    await house.invoke('logs', 'DeleteLogStream', { logGroupName: 'again', logStreamName: 's' })
    await house.invoke('logs', 'CreateLogStream', { logGroupName: 'again', logStreamName: 's' })
    await house.runJobs()
    expect(messages(await house.invoke('logs', 'GetLogEvents', { logGroupName: 'again', logStreamName: 's' }))).toEqual(
      [],
    )
  })
})

describe('PutLogEvents', () => {
  test('refuses disorder, size and span, and sets aside what is too old, expired or too new', async () => {
    await makeStream('limits', 's')
    const day = 86_400_000
    await expect(
      put('limits', 's', [
        [now(), 'b'],
        [now() - 1, 'a'],
      ]),
    ).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: 'Log events in a single PutLogEvents request must be in chronological order.',
    })
    await expect(
      put('limits', 's', [
        [now(), 'x'.repeat(600_000)],
        [now(), 'x'.repeat(600_000)],
      ]),
    ).rejects.toMatchObject({
      message: 'Upload too large: 1200052 bytes exceeds limit of 1048576',
    })
    await expect(
      put('limits', 's', [
        [now() - 2 * day, 'a'],
        [now(), 'b'],
      ]),
    ).rejects.toMatchObject({
      message: 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    })
    const mixed = await put('limits', 's', [
      [now() - 15 * day, 'too old'],
      [now(), 'fine'],
      [now() + 3 * 3_600_000, 'too new'],
    ])
    expect(mixed.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 2 })
    expect(mixed.nextSequenceToken).toMatch(/^\d{56}$/)
    expect(
      messages(await house.invoke('logs', 'GetLogEvents', { logGroupName: 'limits', logStreamName: 's' })),
    ).toEqual(['fine'])

    await house.invoke('logs', 'PutRetentionPolicy', { logGroupName: 'limits', retentionInDays: 3 })
    const expired = await put('limits', 's', [[now() - 4 * day, 'expired']])
    expect(expired.rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 })
  })
})

describe('GetLogEvents', () => {
  test('reads forward and backward over batches, and tokens stay at the ends', async () => {
    await makeStream('paged', 's')
    const start = now()
    for (let batch = 0; batch < 5; batch++)
      await put(
        'paged',
        's',
        Array.from({ length: 4 }, (_, i) => [start + batch * 4 + i, String(batch * 4 + i)]),
      )
    const get = (more: object) =>
      house.invoke('logs', 'GetLogEvents', { logGroupName: 'paged', logStreamName: 's', ...more })

    const seen: unknown[] = []
    let page = await get({ startFromHead: true, limit: 3 })
    for (let count = 0; count < 7; count++) {
      seen.push(...messages(page))
      page = await get({ startFromHead: true, limit: 3, nextToken: page.nextForwardToken })
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
    const end = await get({ startFromHead: true, nextToken: page.nextForwardToken })
    expect(end.events).toEqual([])
    expect(end.nextForwardToken).toBe(page.nextForwardToken)

    const back = await get({ nextToken: end.nextBackwardToken, limit: 2 })
    expect(messages(back)).toEqual(['18', '19'])
    const further = await get({ nextToken: back.nextBackwardToken, limit: 2 })
    expect(messages(further)).toEqual(['16', '17'])
    expect(messages(await get({ nextToken: further.nextForwardToken, limit: 2 }))).toEqual(['18', '19'])
    expect(messages(await get({ limit: 2 }))).toEqual(['18', '19'])

    const head = await get({ startFromHead: true, limit: 1 })
    const beyond = await get({ nextToken: head.nextBackwardToken })
    expect(beyond.events).toEqual([])
    expect(beyond.nextBackwardToken).toBe(head.nextBackwardToken)
    expect(messages(await get({ nextToken: beyond.nextForwardToken, limit: 1 }))).toEqual(['0'])

    expect(messages(await get({ startTime: start + 5, endTime: start + 7 }))).toEqual(['5', '6'])
  })

  test('a reader at the tail neither misses nor repeats events of one millisecond', async () => {
    await makeStream('tail', 's')
    const get = (nextToken?: string) =>
      house.invoke('logs', 'GetLogEvents', {
        logGroupName: 'tail',
        logStreamName: 's',
        startFromHead: true,
        nextToken,
        limit: 2,
      })
    let page = await get()
    expect(page.events).toEqual([])
    const seen: unknown[] = []
    for (let batch = 0; batch < 5; batch++) {
      await put(
        'tail',
        's',
        [0, 1, 2].map(i => [now(), `${batch}.${i}`]),
      )
      for (let count = 0; count < 2; count++) {
        page = await get(page.nextForwardToken)
        seen.push(...messages(page))
      }
    }
    page = await get(page.nextForwardToken)
    expect(seen).toEqual([0, 1, 2, 3, 4].flatMap(batch => [0, 1, 2].map(i => `${batch}.${i}`)))
    expect(page.events).toEqual([])
  })

  test('batches that overlap in time are merged in order, both ways', async () => {
    await makeStream('overlap', 's')
    const t = now()
    await put('overlap', 's', [
      [t + 10, 'c'],
      [t + 40, 'f'],
    ])
    await put('overlap', 's', [
      [t + 5, 'b'],
      [t + 30, 'e'],
    ])
    await put('overlap', 's', [
      [t + 1, 'a'],
      [t + 20, 'd'],
      [t + 50, 'g'],
    ])
    const get = (more: object) =>
      house.invoke('logs', 'GetLogEvents', { logGroupName: 'overlap', logStreamName: 's', ...more })
    const walk = async (first: object, token: 'nextForwardToken' | 'nextBackwardToken') => {
      const seen: unknown[] = []
      let page = await get({ limit: 1, ...first })
      while (page.events!.length > 0) {
        seen.push(...messages(page))
        page = await get({ limit: 1, nextToken: page[token] })
      }
      return seen.join('')
    }
    expect(await walk({ startFromHead: true }, 'nextForwardToken')).toBe('abcdefg')
    expect(await walk({}, 'nextBackwardToken')).toBe('gfedcba')
    expect(messages(await get({})).join('')).toBe('abcdefg')
  })

  test('a page holds one megabyte at most and reads the rest through tokens', async () => {
    await makeStream('large', 's')
    for (let batch = 0; batch < 3; batch++)
      await put(
        'large',
        's',
        Array.from({ length: 9 }, (_, i) => [now() + batch, `${batch}${i}`.padEnd(100_000, 'x')]),
      )
    const sizes: number[] = []
    let nextToken: string | undefined
    for (;;) {
      const page = await house.invoke('logs', 'GetLogEvents', {
        logGroupName: 'large',
        logStreamName: 's',
        startFromHead: true,
        nextToken,
      })
      if (page.events!.length === 0) break
      const bytes = page.events!.reduce((sum, event) => sum + Buffer.byteLength(event.message!) + 26, 0)
      expect(bytes).toBeLessThanOrEqual(1_048_576)
      sizes.push(page.events!.length)
      nextToken = page.nextForwardToken
    }
    expect(sizes.reduce((a, b) => a + b)).toBe(27)
  })

  test('needs one of name and identifier, and knows its own tokens only', async () => {
    await makeStream('ids', 's')
    await put('ids', 's', [[now(), 'x']])
    const arn = 'arn:aws:logs:us-east-1:000000000000:log-group:ids'
    expect(
      messages(await house.invoke('logs', 'GetLogEvents', { logGroupIdentifier: arn, logStreamName: 's' })),
    ).toEqual(['x'])
    for (const input of [
      {},
      { logGroupIdentifier: arn, logGroupName: 'ids' },
      { logGroupName: 'ids', nextToken: 'f/1' },
    ])
      await expect(house.invoke('logs', 'GetLogEvents', { logStreamName: 's', ...input })).rejects.toMatchObject({
        code: 'InvalidParameterException',
      })
  })
})

describe('FilterLogEvents', () => {
  test('interleaves streams by time, pages without loss, and filters', async () => {
    await makeStream('filter', 'a1', 'a2', 'b')
    const t = now()
    await put('filter', 'a1', [
      [t, 'a1 zero'],
      [t + 2, 'a1 ERROR two'],
      [t + 4, 'a1 four'],
    ])
    await put('filter', 'b', [
      [t, 'b zero'],
      [t + 1, 'b ERROR one'],
      [t + 3, 'b three'],
    ])
    await put('filter', 'a2', [[t + 2, 'a2 ERROR two']])
    const filter = (more: object) => house.invoke('logs', 'FilterLogEvents', { logGroupName: 'filter', ...more })
    const all: unknown[] = []
    let nextToken: string | undefined
    do {
      const page = await filter({ limit: 2, nextToken })
      all.push(...messages(page))
      nextToken = page.nextToken
    } while (nextToken)
    expect(all).toEqual(['a1 zero', 'b zero', 'b ERROR one', 'a1 ERROR two', 'a2 ERROR two', 'b three', 'a1 four'])
    const errors = await filter({ filterPattern: 'ERROR' })
    expect(errors.events!.map(event => event.logStreamName)).toEqual(['b', 'a1', 'a2'])
    expect(errors.nextToken).toBeUndefined()
    expect(new Set(errors.events!.map(event => event.eventId)).size).toBe(3)
    expect(messages(await filter({ logStreamNamePrefix: 'a', filterPattern: '-ERROR' }))).toEqual([
      'a1 zero',
      'a1 four',
    ])
    expect(messages(await filter({ logStreamNames: ['b'], startTime: t + 1, endTime: t + 3 }))).toEqual([
      'b ERROR one',
      'b three',
    ])
    await expect(filter({ logStreamNames: ['none'] })).rejects.toMatchObject({
      message: 'The specified log stream does not exist.',
    })
    await expect(filter({ filterPattern: '{ $.a }' })).rejects.toMatchObject({ code: 'InvalidParameterException' })
    await expect(filter({ logStreamNames: ['b'], logStreamNamePrefix: 'a' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
  })
})

test('TestMetricFilter shows matches with their number and fields', async () => {
  const answer = await house.invoke('logs', 'TestMetricFilter', {
    filterPattern: '[level=ERROR, text]',
    logEventMessages: ['INFO a', 'ERROR b c'],
  })
  expect(answer.matches).toEqual([
    { eventNumber: 2, eventMessage: 'ERROR b c', extractedValues: { $level: 'ERROR', $text: 'b c' } },
  ])
})

test('retention hides expired events at once, deletes their chunks, and comes back every hour', async () => {
  await makeStream('kept', 's')
  await put('kept', 's', [[now(), 'old']])
  await house.invoke('logs', 'PutRetentionPolicy', { logGroupName: 'kept', retentionInDays: 1 })
  await house.runJobs()
  house.clock.advance(25 * 3_600_000)
  await put('kept', 's', [[now(), 'new']])
  expect(messages(await house.invoke('logs', 'GetLogEvents', { logGroupName: 'kept', logStreamName: 's' }))).toEqual([
    'new',
  ])
  await house.runJobs()
  const chunks = await house.store.read(
    tx => tx.rows`select 1 from logs.chunks c join logs.groups g on g.id = c.group_id where g.name = 'kept'`,
  )
  expect(chunks).toHaveLength(1)
  const waiting = (await house.waitingJobs()).filter(job => job.task === 'logs.expire')
  expect(waiting.map(job => job.runAt.getTime() - now())).toEqual([3_600_000])
  await expect(
    house.invoke('logs', 'PutRetentionPolicy', { logGroupName: 'kept', retentionInDays: 2 }),
  ).rejects.toMatchObject({ code: 'InvalidParameterException' })
})

test('who follows a stream is told when it grows', async () => {
  await makeStream('followed', 's')
  const heard = Promise.withResolvers<string>()
  const stop = await house.store.listen('logs', payload => payload && heard.resolve(payload))
  await put('followed', 's', [[now(), 'x']])
  expect(await heard.promise).toBe('000000000000:us-east-1:followed:s')
  await stop()
})

test('resource policies guard what services may write', async () => {
  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'logs:PutLogEvents', Resource: '*' },
    ],
  })
  await house.invoke('logs', 'PutResourcePolicy', { policyName: 'events', policyDocument })
  expect((await house.invoke('logs', 'DescribeResourcePolicies', {})).resourcePolicies).toEqual([
    { policyName: 'events', policyDocument, lastUpdatedTime: now() },
  ])
  await house.invoke('logs', 'DeleteResourcePolicy', { policyName: 'events' })
  await expect(house.invoke('logs', 'DeleteResourcePolicy', { policyName: 'events' })).rejects.toMatchObject({
    message: 'Policy with name [events] does not exist',
  })
})

describe('lines of a build', () => {
  const group = '/lines'
  const putLines = (logStreamName: string, text: string | Buffer, cuts: number[], times: [number, number][]) =>
    house.invoke('logs', 'PutLogLines', {
      logGroupName: group,
      logStreamName,
      text: Buffer.from(text as string),
      cuts,
      times,
    })
  const all = async (logStreamName: string, forward: boolean, limit: number) => {
    const found: { message?: string; timestamp?: number }[] = []
    let nextToken: string | undefined
    for (;;) {
      const page = await house.invoke('logs', 'GetLogEvents', {
        logGroupName: group,
        logStreamName,
        startFromHead: forward,
        limit,
        ...(nextToken && { nextToken }),
      })
      if (forward) found.push(...page.events!)
      else found.unshift(...page.events!)
      const next = forward ? page.nextForwardToken : page.nextBackwardToken
      if (next === nextToken || page.events!.length === 0) return found
      nextToken = next
    }
  }

  test('are events like any other: in order among them, paged both ways, filtered', async () => {
    await makeStream(group, 'a')
    const t = now()
    await put(group, 'a', [[t, 'first\n']])
    await putLines(
      'a',
      'one\ntwo\nthr|ee\nfour',
      [11],
      [
        [t, 2],
        [t + 1, 3],
      ],
    )
    await put(group, 'a', [[t + 1, 'last\n']])
    const expected = ['first\n', 'one\n', 'two\n', 'thr', '|ee\n', 'four', 'last\n']
    for (const limit of [1, 2, 3, 100]) {
      expect((await all('a', true, limit)).map(event => event.message)).toEqual(expected)
      expect((await all('a', false, limit)).map(event => event.message)).toEqual(expected)
    }
    expect((await all('a', true, 100)).map(event => event.timestamp! - t)).toEqual([0, 0, 0, 1, 1, 1, 1])
    const filtered = await house.invoke('logs', 'FilterLogEvents', { logGroupName: group, filterPattern: 'two' })
    expect(messages(filtered)).toEqual(['two\n'])
  })

  test('that are no UTF-8 are read with replacement characters', async () => {
    await house.invoke('logs', 'CreateLogStream', { logGroupName: group, logStreamName: 'binary' })
    await putLines('binary', Buffer.from([0xff, 0x00, 10, 0xc3, 0xa4, 0xc3]), [], [[now(), 2]])
    expect((await all('binary', true, 10)).map(event => event.message)).toEqual(['\ufffd\0\n', 'ä\ufffd'])
  })

  test('are refused when they are too many, wrongly counted, or their stream is not there', async () => {
    const t = now()
    await expect(putLines('a', 'x\n'.repeat(40_000), [], [[t, 40_000]])).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
    await expect(putLines('a', 'x\n', [], [[t, 2]])).rejects.toMatchObject({ code: 'InvalidParameterException' })
    await expect(putLines('none', 'x\n', [], [[t, 1]])).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
    expect(await putLines('a', '', [], [])).toEqual({})
  })
})

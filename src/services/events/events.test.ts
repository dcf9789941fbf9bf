import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError } from '../../core/serviceError.ts'
import type { Principal } from '../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { logs } from '../logs/index.ts'
import { events } from './index.ts'

interface Answered {
  operation: string
  input: any
  principal: Principal
}

let house: TestHouse
let answered: Answered[]
let refuse: ServiceError | undefined

beforeEach(async () => {
  answered = []
  refuse = undefined
  const answer = (operation: string) => async (input: any, principal: Principal) => {
    if (refuse) throw refuse
    answered.push({ operation, input, principal })
    return {}
  }
  house = await openHouse({
    services: [events, logs],
    answers: {
      'sns.Publish': answer('Publish'),
      'codepipeline.StartPipelineExecution': answer('StartPipelineExecution'),
      'codebuild.StartBuild': answer('StartBuild'),
    },
  })
})
afterEach(() => house.close())

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`
const ROLE = 'arn:aws:iam::000000000000:role/events'

async function rule(Name: string, EventPattern: object, target: object, EventBusName?: string) {
  await house.invoke('events', 'PutRule', { Name, EventPattern: JSON.stringify(EventPattern), EventBusName })
  await house.invoke('events', 'PutTargets', {
    Rule: Name,
    EventBusName,
    Targets: [{ Id: '1', Arn: arn('sns', 'topic'), ...target }],
  })
}

const put = (Source: string, Detail: object, more: object = {}) =>
  house.invoke('events', 'PutEvents', {
    Entries: [{ Source, DetailType: 'T', Detail: JSON.stringify(Detail), ...more }],
  })

const emit = (source: string, detail: Record<string, unknown>) =>
  house.transaction(call => call.emit({ source, detailType: 'T', resources: [], detail }))

describe('routing', () => {
  test('an event that a service emits reaches the target of a rule that matches, once', async () => {
    await rule('r', { source: ['aws.codebuild'], detail: { state: ['FAILED'] } }, {})
    await emit('aws.codebuild', { state: 'SUCCEEDED' })
    await emit('aws.codebuild', { state: 'FAILED' })
    await house.runJobs()
    expect(answered).toHaveLength(1)
    expect(answered[0]).toMatchObject({
      operation: 'Publish',
      input: { TopicArn: arn('sns', 'topic') },
      principal: { type: 'service', service: 'events.amazonaws.com' },
    })
    expect(JSON.parse(answered[0]!.input.Message)).toMatchObject({
      source: 'aws.codebuild',
      detail: { state: 'FAILED' },
    })
  })

  test('a rule counts from the moment it is changed', async () => {
    await rule('r', { source: ['my.app'] }, {})
    await put('my.app', { n: 1 })
    await house.runJobs()
    await house.invoke('events', 'DisableRule', { Name: 'r' })
    await put('my.app', { n: 2 })
    await house.runJobs()
    await house.invoke('events', 'EnableRule', { Name: 'r' })
    await house.invoke('events', 'PutRule', { Name: 'r', EventPattern: '{"detail":{"n":[4]}}' })
    await put('my.app', { n: 3 })
    await put('my.app', { n: 4 })
    await house.runJobs()
    expect(answered.map(one => JSON.parse(one.input.Message).detail.n)).toEqual([1, 4])
  })

  test('events of the house itself are not for rules', async () => {
    await rule('r', { source: [{ exists: true }] }, {})
    await emit('codeyard.internal', {})
    await house.runJobs()
    expect(answered).toEqual([])
  })

  test('a pipeline and a build start as the target’s role, with what the template says', async () => {
    await rule('pipe', { source: ['my.app'] }, { Arn: arn('codepipeline', 'demo'), RoleArn: ROLE })
    await rule(
      'build',
      { source: ['my.app'] },
      {
        Arn: arn('codebuild', 'project/demo'),
        RoleArn: ROLE,
        InputTransformer: { InputPathsMap: { v: '$.detail.version' }, InputTemplate: '{"sourceVersion": <v>}' },
      },
    )
    await put('my.app', { version: 'abc' })
    await house.runJobs()
    expect(answered.map(({ operation, input }) => ({ operation, input }))).toEqual([
      { operation: 'StartBuild', input: { sourceVersion: 'abc', projectName: 'demo' } },
      { operation: 'StartPipelineExecution', input: { name: 'demo' } },
    ])
    expect(answered[1]!.principal).toMatchObject({ type: 'assumedRole', roleArn: ROLE, sessionName: 'pipe' })
  })

  test('an input that is no JSON is refused once, not tried again', async () => {
    const input = { InputPathsMap: { v: '$.detail.version' }, InputTemplate: 'version <v>' }
    const build = { Arn: arn('codebuild', 'project/demo'), RoleArn: ROLE, InputTransformer: input }
    await rule('build', { source: ['my.app'] }, build)
    await put('my.app', { version: 'abc' })
    await house.runJobs()
    expect(answered).toEqual([])
  })

  test('a log group keeps the events', async () => {
    await house.invoke('logs', 'CreateLogGroup', { logGroupName: '/aws/events/all' })
    await rule('r', { source: ['my.app'] }, { Arn: arn('logs', 'log-group:/aws/events/all') })
    await put('my.app', { n: 1 })
    await put('my.app', { n: 2 })
    await house.runJobs()
    const { events: kept } = await house.invoke('logs', 'FilterLogEvents', { logGroupName: '/aws/events/all' })
    expect(kept!.map(event => JSON.parse(event.message!).detail.n)).toEqual([1, 2])
  })

  test('a bus hands on to another bus, and a circle of buses ends', async () => {
    await house.invoke('events', 'CreateEventBus', { Name: 'other' })
    await rule('there', { source: ['my.app'] }, { Arn: arn('events', 'event-bus/other') })
    await rule('back', { source: ['my.app'] }, { Arn: arn('events', 'event-bus/default') }, 'other')
    await rule('see', { source: ['my.app'] }, {}, 'other')
    await put('my.app', {})
    await house.runJobs()
    expect(answered).toHaveLength(3)
  })

  test('a refusal is final, a passing failure is tried again', async () => {
    await rule('r', { source: ['my.app'] }, {})
    refuse = new ServiceError('AuthorizationError', 'no')
    await put('my.app', {})
    await house.runJobs()
    refuse = new ServiceError('InternalFailure', 'later', { status: 500 })
    await put('my.app', {})
    await expect(house.runJobs()).rejects.toThrow('later')
  })
})

describe('schedules', () => {
  test('a scheduled rule fires at its time, again and again, until it is disabled', async () => {
    await house.invoke('events', 'PutRule', { Name: 'tick', ScheduleExpression: 'rate(5 minutes)' })
    await house.invoke('events', 'PutTargets', { Rule: 'tick', Targets: [{ Id: '1', Arn: arn('sns', 'topic') }] })
    for (let count = 0; count < 2; count++) {
      house.clock.advance(5 * 60_000)
      await house.runJobs()
    }
    expect(answered).toHaveLength(2)
    expect(JSON.parse(answered[1]!.input.Message)).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-01-01T00:10:00Z',
      resources: [arn('events', 'rule/tick')],
      detail: {},
    })
    await house.invoke('events', 'DisableRule', { Name: 'tick' })
    house.clock.advance(5 * 60_000)
    await house.runJobs()
    expect(answered).toHaveLength(2)
    expect(await house.waitingJobs()).toEqual([])
  })

  test('after a long pause it fires once and keeps its beat', async () => {
    await house.invoke('events', 'PutRule', { Name: 'tick', ScheduleExpression: 'rate(1 hour)' })
    await house.invoke('events', 'PutTargets', { Rule: 'tick', Targets: [{ Id: '1', Arn: arn('sns', 'topic') }] })
    house.clock.advance(5.5 * 3_600_000)
    await house.runJobs()
    expect(answered).toHaveLength(1)
    expect((await house.waitingJobs()).map(job => job.runAt.toISOString())).toEqual(['2026-01-01T06:00:00.000Z'])
  })
})

describe('rules', () => {
  const code = (name: string, message?: string) =>
    expect.objectContaining(message ? { code: name, message } : { code: name })

  test('are described, listed by prefix in pages, and found by target', async () => {
    for (const name of ['a1', 'a2', 'b1']) await rule(name, { source: ['x'] }, {})
    expect(await house.invoke('events', 'DescribeRule', { Name: 'a1' })).toEqual({
      Name: 'a1',
      Arn: arn('events', 'rule/a1'),
      EventPattern: '{"source":["x"]}',
      State: 'ENABLED',
      EventBusName: 'default',
      CreatedBy: '000000000000',
    })
    const first = await house.invoke('events', 'ListRules', { NamePrefix: 'a', Limit: 1 })
    const second = await house.invoke('events', 'ListRules', { NamePrefix: 'a', Limit: 1, NextToken: first.NextToken })
    expect([...first.Rules!, ...second.Rules!].map(one => one.Name)).toEqual(['a1', 'a2'])
    expect(second.NextToken).toBeUndefined()
    expect(await house.invoke('events', 'ListRuleNamesByTarget', { TargetArn: arn('sns', 'topic') })).toMatchObject({
      RuleNames: ['a1', 'a2', 'b1'],
    })
    expect((await house.invoke('events', 'ListTargetsByRule', { Rule: 'a1' })).Targets).toEqual([
      { Id: '1', Arn: arn('sns', 'topic') },
    ])
  })

  test('AWS’s refusals', async () => {
    await rule('r', { source: ['x'] }, {})
    const invoke = house.invoke
    await expect(invoke('events', 'DeleteRule', { Name: 'r' })).rejects.toEqual(
      code('ValidationException', "Rule can't be deleted since it has targets."),
    )
    await expect(invoke('events', 'DescribeRule', { Name: 'none' })).rejects.toEqual(
      code('ResourceNotFoundException', 'Rule none does not exist on EventBus default.'),
    )
    await expect(invoke('events', 'PutRule', { Name: 'x' })).rejects.toEqual(
      code('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.'),
    )
    await expect(invoke('events', 'PutRule', { Name: 'x', ScheduleExpression: 'rate(1 minutes)' })).rejects.toEqual(
      code('ValidationException', 'Parameter ScheduleExpression is not valid.'),
    )
    await expect(invoke('events', 'PutRule', { Name: 'x', EventPattern: '{"source":"x"}' })).rejects.toEqual(
      code(
        'InvalidEventPatternException',
        'Event pattern is not valid. Reason: "source" must be an object or an array',
      ),
    )
    await expect(
      invoke('events', 'PutRule', { Name: 'x', EventPattern: '{"a":[1]}', EventBusName: 'none' }),
    ).rejects.toEqual(code('ResourceNotFoundException', 'Event bus none does not exist.'))
    for (const target of [
      { Arn: arn('lambda', 'function:f') },
      { Arn: arn('sqs', 'q') },
      { Arn: 'x' },
      { Arn: arn('codepipeline', 'p') },
      { Arn: 'arn:aws:sns:eu-west-1:000000000000:t' },
      { Arn: arn('sns', 't'), DeadLetterConfig: { Arn: arn('sqs', 'q') } },
    ])
      await expect(invoke('events', 'PutTargets', { Rule: 'r', Targets: [{ Id: '1', ...target }] })).rejects.toEqual(
        code('ValidationException'),
      )
    const Targets = Array.from({ length: 5 }, (_, index) => ({ Id: `t${index}`, Arn: arn('sns', 't') }))
    await expect(invoke('events', 'PutTargets', { Rule: 'r', Targets })).rejects.toEqual(code('LimitExceededException'))
    await invoke('events', 'RemoveTargets', { Rule: 'r', Ids: ['1'] })
    await invoke('events', 'DeleteRule', { Name: 'r' })
    await invoke('events', 'DeleteRule', { Name: 'r' })
  })

  test('tags of rules and buses', async () => {
    await house.invoke('events', 'PutRule', { Name: 'r', EventPattern: '{"a":[1]}', Tags: [{ Key: 'a', Value: '1' }] })
    const ResourceARN = arn('events', 'rule/r')
    await house.invoke('events', 'TagResource', { ResourceARN, Tags: [{ Key: 'b', Value: '2' }] })
    await house.invoke('events', 'UntagResource', { ResourceARN, TagKeys: ['a'] })
    expect(await house.invoke('events', 'ListTagsForResource', { ResourceARN })).toEqual({
      Tags: [{ Key: 'b', Value: '2' }],
    })
    const bus = arn('events', 'event-bus/default')
    await house.invoke('events', 'TagResource', { ResourceARN: bus, Tags: [{ Key: 'x', Value: 'y' }] })
    expect(await house.invoke('events', 'ListTagsForResource', { ResourceARN: bus })).toEqual({
      Tags: [{ Key: 'x', Value: 'y' }],
    })
  })
})

describe('buses', () => {
  test('the default one is always there; others come and go', async () => {
    await house.invoke('events', 'CreateEventBus', { Name: 'mine' })
    expect((await house.invoke('events', 'ListEventBuses', {})).EventBuses!.map(bus => bus.Name)).toEqual([
      'default',
      'mine',
    ])
    await expect(house.invoke('events', 'CreateEventBus', { Name: 'mine' })).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
      message: 'Event bus mine already exists.',
    })
    expect(await house.invoke('events', 'DescribeEventBus', {})).toMatchObject({
      Arn: arn('events', 'event-bus/default'),
    })
    await expect(house.invoke('events', 'DeleteEventBus', { Name: 'default' })).rejects.toMatchObject({
      message: 'Cannot delete event bus default.',
    })
    await rule('r', { source: ['x'] }, {}, 'mine')
    await expect(house.invoke('events', 'DeleteEventBus', { Name: 'mine' })).rejects.toMatchObject({
      message: "Event bus can't be deleted since it has rules.",
    })
  })

  test('permissions make a policy', async () => {
    await house.invoke('events', 'PutPermission', {
      Action: 'events:PutEvents',
      Principal: '111122223333',
      StatementId: 's',
    })
    const { Policy } = await house.invoke('events', 'DescribeEventBus', {})
    expect(JSON.parse(Policy!).Statement).toEqual([
      {
        Sid: 's',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'events:PutEvents',
        Resource: arn('events', 'event-bus/default'),
      },
    ])
    await house.invoke('events', 'RemovePermission', { StatementId: 's' })
    await expect(house.invoke('events', 'RemovePermission', { StatementId: 's' })).rejects.toMatchObject({
      message: 'EventBus does not have a policy.',
    })
  })
})

describe('PutEvents', () => {
  test('a broken entry fails alone', async () => {
    const answer = await house.invoke('events', 'PutEvents', {
      Entries: [
        { Source: 'my.app', DetailType: 'T', Detail: '{}' },
        { DetailType: 'T', Detail: '{}' },
        { Source: 'my.app', DetailType: 'T', Detail: 'x' },
        { Source: 'aws.s3', DetailType: 'T', Detail: '{}' },
        { Source: 'my.app', DetailType: 'T', Detail: '{}', EventBusName: 'none' },
      ],
    })
    expect(answer.FailedEntryCount).toBe(4)
    expect(answer.Entries!.map(entry => entry.ErrorMessage ?? 'taken')).toEqual([
      'taken',
      'Parameter Source is not valid. Reason: Source is a required argument.',
      'Detail is malformed.',
      'Not authorized for the source.',
      'Event bus none does not exist.',
    ])
  })

  test('TestEventPattern says whether a pattern matches', async () => {
    const event = {
      id: '1',
      account: '0',
      source: 'my.app',
      time: 't',
      region: 'r',
      resources: [],
      'detail-type': 'T',
      detail: { a: 1 },
    }
    const answer = (pattern: object) =>
      house.invoke('events', 'TestEventPattern', {
        EventPattern: JSON.stringify(pattern),
        Event: JSON.stringify(event),
      })
    expect(await answer({ detail: { a: [1] } })).toEqual({ Result: true })
    expect(await answer({ detail: { a: [2] } })).toEqual({ Result: false })
    await expect(
      house.invoke('events', 'TestEventPattern', { EventPattern: '{"a":[1]}', Event: '{}' }),
    ).rejects.toMatchObject({ code: 'ValidationException' })
  })
})

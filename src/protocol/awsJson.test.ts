import {
  CloudWatchLogsClient,
  GetIntegrationCommand,
  GetLogEventsCommand,
  PutIntegrationCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  BranchDoesNotExistException,
  CodeCommitClient,
  CreateRepositoryCommand,
  GetBranchCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../core/serviceError.ts'
import { loadModel, validate } from '../model/index.ts'
import { clientOf, startWireServer, type WireServer } from './testing/wireServer.ts'

let server: WireServer
let answer: unknown
beforeAll(async () => {
  server = await startWireServer(() => {
    if (answer instanceof Error) throw answer
    return answer
  })
})
afterAll(() => server.close())

const input = () => server.seen.at(-1)?.input

async function post(body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(server.url, {
    method: 'POST',
    body: body as RequestInit['body'],
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CodeCommit_20150413.CreateRepository',
      ...headers,
    },
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

describe('the SDK over JSON 1.1', () => {
  test('sends maps and reads times and ids of requests', async () => {
    answer = {
      repositoryMetadata: { repositoryName: 'x', creationDate: new Date(1_700_000_000_123), notInTheModel: 1 },
    }
    const client = new CodeCommitClient(clientOf(server))
    const output = await client.send(
      new CreateRepositoryCommand({ repositoryName: 'x', tags: { team: 'a', constructor: 'b' } }),
    )
    expect(input()).toEqual({ repositoryName: 'x', tags: { team: 'a', constructor: 'b' } })
    expect(output.repositoryMetadata).toEqual({ repositoryName: 'x', creationDate: new Date(1_700_000_000_123) })
    expect(output.$metadata.requestId).toBe('request-1')
  })

  test('sends blobs', async () => {
    answer = { commitId: 'c', blobId: 'b', treeId: 't' }
    const fileContent = new Uint8Array([0, 1, 254, 255])
    await new CodeCommitClient(clientOf(server)).send(
      new PutFileCommand({ repositoryName: 'x', branchName: 'main', filePath: 'a', fileContent }),
    )
    expect(new Uint8Array(input().fileContent)).toEqual(fileContent)
  })

  test('reads declared errors as their exceptions', async () => {
    answer = new ServiceError('BranchDoesNotExistException', 'main does not exist')
    const failed = new CodeCommitClient(clientOf(server)).send(
      new GetBranchCommand({ repositoryName: 'x', branchName: 'main' }),
    )
    await expect(failed).rejects.toThrow(BranchDoesNotExistException)
    await expect(failed).rejects.toMatchObject({
      message: 'main does not exist',
      $metadata: { httpStatusCode: 400, requestId: 'request-1' },
    })
  })

  test('reads members of errors besides the message', async () => {
    answer = new ServiceError('InvalidSequenceTokenException', 'no', { fields: { expectedSequenceToken: 'token' } })
    const logEvents = [{ timestamp: 1_700_000_000_123, message: 'zeile\nü' }]
    const failed = new CloudWatchLogsClient(clientOf(server)).send(
      new PutLogEventsCommand({ logGroupName: 'g', logStreamName: 's', logEvents }),
    )
    await expect(failed).rejects.toMatchObject({
      name: 'InvalidSequenceTokenException',
      expectedSequenceToken: 'token',
    })
    expect(input().logEvents).toEqual(logEvents)
  })

  test('reads lists, empty ones too', async () => {
    answer = { events: [], nextForwardToken: 'f/1' }
    const output = await new CloudWatchLogsClient(clientOf(server)).send(
      new GetLogEventsCommand({ logStreamName: 's' }),
    )
    expect(output).toMatchObject({ events: [], nextForwardToken: 'f/1' })
  })

  test('sends and reads unions', async () => {
    answer = { integrationDetails: { openSearchIntegrationDetails: { workspace: { workspaceId: 'w' } } } }
    const logs = new CloudWatchLogsClient(clientOf(server))
    const resourceConfig = {
      openSearchResourceConfig: { dataSourceRoleArn: 'arn', dashboardViewerPrincipals: ['p'], retentionDays: 1 },
    }
    const named = { integrationName: 'i', integrationType: 'OPENSEARCH' as const }
    await logs.send(new PutIntegrationCommand({ ...named, resourceConfig }))
    expect(input()).toEqual({ ...named, resourceConfig })
    expect(await logs.send(new GetIntegrationCommand({ integrationName: 'i' }))).toMatchObject(answer as object)
    await logs.send(new PutIntegrationCommand({ ...named, resourceConfig: { $unknown: ['newer', {}] } }))
    const violations = validate(await loadModel('logs'), 'PutIntegration', input())
    expect(violations).toMatchObject([{ path: 'resourceConfig', kind: 'unknownUnion' }])
  })

  test('sends times as EventBridge entries', async () => {
    answer = { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }
    const Time = new Date(1_700_000_000_000)
    await new EventBridgeClient(clientOf(server)).send(
      new PutEventsCommand({ Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}', Time }] }),
    )
    expect(input()).toEqual({ Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}', Time }] })
  })
})

describe('the form of JSON answers', () => {
  test('of an error', async () => {
    answer = new ServiceError('RepositoryNameExistsException', 'there')
    const { status, headers, body } = await post('{"repositoryName":"x"}')
    expect({ status, body }).toEqual({
      status: 400,
      body: { __type: 'RepositoryNameExistsException', message: 'there' },
    })
    expect(headers.get('x-amzn-requestid')).toBe('request-1')
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1')
  })

  test('follows the version that the client speaks, as far as the service does', async () => {
    answer = {}
    const target = {
      'x-amz-target': 'GraniteServiceVersion20100801.ListDashboards',
      'content-type': 'application/x-amz-json-1.0',
    }
    expect((await post('{}', target)).headers.get('content-type')).toBe('application/x-amz-json-1.0')
    expect((await post('{}', { 'content-type': 'application/x-amz-json-1.0' })).headers.get('content-type')).toBe(
      'application/x-amz-json-1.1',
    )
  })

  test('names the Query code of an error where clients know the service from its Query days', async () => {
    answer = new ServiceError('InvalidParameterValueException', 'bad')
    const { headers, body } = await post('{}', { 'x-amz-target': 'GraniteServiceVersion20100801.ListDashboards' })
    expect(headers.get('x-amzn-query-error')).toBe('InvalidParameterValue;Sender')
    expect(body.__type).toBe('InvalidParameterValueException')
  })
})

describe('what is not understood', () => {
  const target = (name: string) => ({ 'x-amz-target': name })

  test.each([
    ['text that is no JSON', '{"repositoryName":'],
    ['nothing but garbage', '\u0000\u0001garbage'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['a number for a text', '{"repositoryName":5}'],
    ['a boolean for a text', '{"repositoryName":true}'],
    ['a structure for a text', '{"repositoryName":{}}'],
    ['a list for a map', '{"repositoryName":"x","tags":["a"]}'],
    ['a text for a map', '{"repositoryName":"x","tags":"a"}'],
    ['a number in a map of texts', '{"repositoryName":"x","tags":{"a":1}}'],
  ])('%s is a SerializationException', async (_, body) => {
    answer = {}
    expect(await post(body)).toMatchObject({ status: 400, body: { __type: 'SerializationException' } })
  })

  test('AWS names what it found and what it wanted', async () => {
    expect((await post('{"repositoryName":5}')).body.message).toBe('NUMBER_VALUE can not be converted to a String')
    expect((await post('{"repositoryName":{}}')).body.message).toBe(
      'Start of structure or map found where not expected.',
    )
  })

  test('broken base64 and times are refused', async () => {
    const put = target('CodeCommit_20150413.PutFile')
    expect((await post('{"fileContent":"%%%"}', put)).body.__type).toBe('SerializationException')
    expect((await post('{"Entries":[{"Time":"soon"}]}', target('AWSEvents.PutEvents'))).body.__type).toBe(
      'SerializationException',
    )
    expect((await post('{"Entries":[{"Time":1e300}]}', target('AWSEvents.PutEvents'))).body.__type).toBe(
      'SerializationException',
    )
    expect((await post('{"Entries":[null]}', target('AWSEvents.PutEvents'))).body.__type).toBe('SerializationException')
  })

  test('unknown members and nulls are passed over', async () => {
    answer = {}
    await post('{"repositoryName":"x","repositoryDescription":null,"surprise":{"a":[1]}}')
    expect(input()).toEqual({ repositoryName: 'x' })
  })

  test('__proto__ is a key like any other', async () => {
    await post('{"repositoryName":"x","tags":{"__proto__":"polluted"}}')
    expect(Object.entries(input().tags)).toEqual([['__proto__', 'polluted']])
    expect(Object.getPrototypeOf(input().tags)).toBe(Object.prototype)
  })

  test('a deeply nested body is harmless', async () => {
    const { status, body } = await post(`{"repositoryName":${'['.repeat(200_000)}`)
    expect({ status, type: body.__type }).toEqual({ status: 400, type: 'SerializationException' })
  })

  test.each([
    ['an operation', 'CodeCommit_20150413.MakeCoffee'],
    ['an inherited name', 'CodeCommit_20150413.constructor'],
    ['a service', 'DynamoDB_20120810.ListTables'],
    ['a text without a dot', 'nonsense'],
    ['an empty text', '.'],
  ])('%s that is not there is an UnknownOperationException', async (_, name) => {
    expect(await post('{}', target(name))).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } })
  })
})

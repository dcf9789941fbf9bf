import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols'
import { cbor } from '@smithy/core/cbor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../core/serviceError.ts'
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

const client = () => new CloudWatchClient({ ...clientOf(server), protocol: AwsSmithyRpcV2CborProtocol })
const seen = () => server.seen.at(-1)!

async function post(body: Uint8Array, path = '/service/GraniteServiceVersion20100801/operation/PutMetricData') {
  const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' }
  const response = await fetch(server.url + path, { method: 'POST', body: body as RequestInit['body'], headers })
  return {
    status: response.status,
    headers: response.headers,
    body: cbor.deserialize(new Uint8Array(await response.arrayBuffer())),
  }
}

describe('the SDK over RPC v2 CBOR', () => {
  test('sends numbers and times', async () => {
    answer = {}
    const datum = {
      MetricName: 'm',
      Timestamp: new Date(1_700_000_000_123),
      Values: [1, 2.5, -3],
      Counts: [1, 2, 3],
      Dimensions: [{ Name: 'a', Value: 'ü'.repeat(40) }],
    }
    await client().send(new PutMetricDataCommand({ Namespace: 'n', MetricData: [datum] }))
    expect(seen()).toMatchObject({
      operation: 'PutMetricData',
      protocol: 'rpcV2Cbor',
      input: { Namespace: 'n', MetricData: [datum] },
    })
  })

  test('reads lists of times and numbers', async () => {
    answer = {
      MetricDataResults: [
        {
          Id: 'a',
          Timestamps: [new Date(1_700_000_000_000), new Date(1_700_000_000_500)],
          Values: [1.5, 1e10],
          StatusCode: 'Complete',
        },
      ],
      Messages: [],
    }
    const input = {
      StartTime: new Date(0),
      EndTime: new Date(1000),
      MetricDataQueries: [{ Id: 'a', ReturnData: false }],
    }
    const output = await client().send(new GetMetricDataCommand(input))
    expect(output).toMatchObject(answer as object)
    expect(seen().input).toEqual(input)
    expect(output.$metadata.requestId).toBe('request-1')
  })

  test('reads declared errors with their Query code', async () => {
    answer = new ServiceError('ResourceNotFoundException', 'gone', {
      fields: { ResourceType: 'alarm', ResourceId: 'x' },
    })
    const failed = client().send(new PutMetricDataCommand({ Namespace: 'n' }))
    await expect(failed).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      ResourceType: 'alarm',
      message: 'gone',
      $metadata: { httpStatusCode: 404 },
    })
  })
})

describe('what is not understood', () => {
  test.each([
    ['half a map', cbor.serialize({ Namespace: 'n'.repeat(50) }).subarray(0, 20)],
    ['garbage', new Uint8Array([0xff, 0xff, 0x1c, 0x00])],
    ['a list that claims four billion items', new Uint8Array([0x9a, 0xff, 0xff, 0xff, 0xff])],
    ['a bottomless list', new Uint8Array(100_000).fill(0x81)],
    ['a text', cbor.serialize('x' as any)],
    ['a number for a text', cbor.serialize({ Namespace: 5 })],
    ['a text for a time', cbor.serialize({ MetricData: [{ MetricName: 'm', Timestamp: 'now' }] })],
  ])('%s is a SerializationException', async (_, bytes) => {
    answer = {}
    const { status, headers, body } = await post(bytes.slice())
    expect({ status, type: body.__type }).toEqual({ status: 400, type: 'SerializationException' })
    expect(headers.get('smithy-protocol')).toBe('rpc-v2-cbor')
  })

  test('unknown operations and services', async () => {
    const unknown = { status: 400, body: { __type: 'UnknownOperationException' } }
    expect(await post(new Uint8Array([0xa0]), '/service/GraniteServiceVersion20100801/operation/Nap')).toMatchObject(
      unknown,
    )
    expect(await post(new Uint8Array([0xa0]), '/service/Coffee/operation/Make')).toMatchObject(unknown)
    expect(await post(new Uint8Array([0xa0]), '/service/CodeCommit_20150413/operation/GetBranch')).toMatchObject(
      unknown,
    )
  })

  test('no body is an empty input', async () => {
    answer = {}
    expect((await post(new Uint8Array(0))).status).toBe(200)
    expect(seen().input).toEqual({})
  })
})

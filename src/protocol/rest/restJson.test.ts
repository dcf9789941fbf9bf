import { Readable } from 'node:stream'
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListTagsCommand,
  ResourceNotFoundException,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../core/serviceError.ts'
import { clientOf, startWireServer, type WireServer } from '../testing/wireServer.ts'

let server: WireServer
let answer: unknown
let lambda: LambdaClient
beforeAll(async () => {
  server = await startWireServer(() => {
    if (answer instanceof Error) throw answer
    return answer
  })
  lambda = new LambdaClient(clientOf(server))
})
afterAll(() => server.close())

const seen = () => server.seen.at(-1)!
const SCOPED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=x',
}

describe('the SDK over REST JSON', () => {
  test('sends path labels, ARNs with slashes and colons among them', async () => {
    answer = { Configuration: { FunctionName: 'f', Timeout: 3 }, Tags: { a: 'b' } }
    expect(
      await lambda.send(
        new GetFunctionCommand({ FunctionName: 'arn:aws:lambda:us-east-1:0:function:f', Qualifier: '$LATEST' }),
      ),
    ).toMatchObject(answer as object)
    expect(seen()).toMatchObject({
      protocol: 'restJson',
      operation: 'GetFunction',
      input: { FunctionName: 'arn:aws:lambda:us-east-1:0:function:f', Qualifier: '$LATEST' },
    })
    answer = { Tags: {} }
    await lambda.send(new ListTagsCommand({ Resource: 'arn:aws:lambda:us-east-1:0:function:a/b c' }))
    expect(seen().input).toEqual({ Resource: 'arn:aws:lambda:us-east-1:0:function:a/b c' })
  })

  test('sends query parameters, lists of them too', async () => {
    answer = { Functions: [], NextMarker: 'm' }
    expect(
      await lambda.send(new ListFunctionsCommand({ MaxItems: 7, FunctionVersion: 'ALL', Marker: 'x&y' })),
    ).toMatchObject(answer as object)
    expect(seen().input).toEqual({ MaxItems: 7, FunctionVersion: 'ALL', Marker: 'x&y' })
    answer = {}
    await lambda.send(new UntagResourceCommand({ Resource: 'arn', TagKeys: ['a', 'b c'] }))
    expect(seen().input).toEqual({ Resource: 'arn', TagKeys: ['a', 'b c'] })
  })

  test('sends bodies with blobs, lists and maps', async () => {
    answer = { FunctionArn: 'arn', Environment: { Variables: { A: 'b' } } }
    const ZipFile = new Uint8Array([80, 75, 0, 255])
    const input = {
      FunctionName: 'f',
      Role: 'r',
      Runtime: 'nodejs22.x' as const,
      Handler: 'h',
      Layers: ['l'],
      Environment: { Variables: { A: 'b' } },
      Publish: true,
    }
    expect(await lambda.send(new CreateFunctionCommand({ ...input, Code: { ZipFile } }))).toMatchObject(
      answer as object,
    )
    const { Code, ...rest } = seen().input
    expect(rest).toEqual(input)
    expect(new Uint8Array(Code.ZipFile)).toEqual(ZipFile)
  })

  test('sends and reads payloads of bytes, headers and a status', async () => {
    answer = { StatusCode: 202, FunctionError: 'Unhandled', ExecutedVersion: '1', Payload: Buffer.from('{"ok":1}') }
    const output = await lambda.send(
      new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: Buffer.from('{"in":1}') }),
    )
    expect(seen().input).toMatchObject({ FunctionName: 'f', InvocationType: 'Event' })
    expect(seen().input.Payload.toString()).toBe('{"in":1}')
    expect({ ...output, Payload: Buffer.from(output.Payload!).toString() }).toMatchObject({
      StatusCode: 202,
      FunctionError: 'Unhandled',
      Payload: '{"ok":1}',
    })
  })

  test('reads streamed payloads', async () => {
    answer = { StatusCode: 200, Payload: Readable.from([Buffer.from('a'), Buffer.from('b')]) }
    const output = await lambda.send(new InvokeCommand({ FunctionName: 'f' }))
    expect(Buffer.from(output.Payload!).toString()).toBe('ab')
  })

  test('reads answers without a body', async () => {
    answer = {}
    const output = await lambda.send(new UntagResourceCommand({ Resource: 'arn', TagKeys: ['a'] }))
    expect(output.$metadata.httpStatusCode).toBe(204)
  })

  test('reads errors', async () => {
    answer = new ServiceError('ResourceNotFoundException', 'no f', { fields: { Type: 'User' } })
    const failed = lambda.send(new GetFunctionCommand({ FunctionName: 'f' }))
    await expect(failed).rejects.toThrow(ResourceNotFoundException)
    await expect(failed).rejects.toMatchObject({ message: 'no f', Type: 'User', $metadata: { httpStatusCode: 404 } })
  })
})

describe('what is not understood', () => {
  const ask = async (method: string, path: string, body?: string) => {
    const response = await fetch(server.url + path, { method, body: body ?? null, headers: SCOPED })
    return { status: response.status, type: response.headers.get('x-amzn-errortype'), body: await response.json() }
  }

  test.each([
    ['POST', '/2015-03-31/functions', '{"FunctionName":'],
    ['POST', '/2015-03-31/functions', '{"FunctionName":5}'],
    ['GET', '/2015-03-31/functions?MaxItems=many', undefined],
  ])('%s %s %s is a SerializationException', async (method, path, body) => {
    expect(await ask(method, path, body)).toMatchObject({ status: 400, type: 'SerializationException' })
  })

  test('a path of no operation, and a service that is not there', async () => {
    expect(await ask('GET', '/nowhere')).toMatchObject({ status: 404, type: 'UnknownOperationException' })
    const headers = { authorization: SCOPED.authorization.replace('lambda', 'eks') }
    const response = await fetch(`${server.url}/clusters`, { headers })
    expect({ status: response.status, type: response.headers.get('x-amzn-errortype') }).toEqual({
      status: 404,
      type: 'UnknownOperationException',
    })
  })
})

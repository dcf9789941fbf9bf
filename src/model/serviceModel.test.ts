import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { factsOf, loadModel, type Member, type ModelName, type Shape, services } from './index.ts'

const require = createRequire(import.meta.url)
const names = Object.keys(services) as ModelName[]

describe('the table of services', () => {
  test.each(names.filter(name => factsOf(name)?.sdk))('agrees with the SDK package of %s', name => {
    const facts = factsOf(name)!
    const config = readFileSync(
      join(dirname(require.resolve(`${facts.sdk}/package.json`)), 'dist-es', 'runtimeConfig.shared.js'),
      'utf8',
    )
    const setting = (key: string) => new RegExp(`${key}: "([^"]+)"`).exec(config)?.[1]
    expect(facts.apiVersion).toBe(setting('apiVersion'))
    if (facts.targetPrefixes.length > 0) expect(facts.targetPrefixes).toContain(setting('serviceTarget'))
    if (facts.xmlNamespace)
      expect(facts.xmlNamespace.replace(/\/$/, '')).toBe(setting('xmlNamespace')?.replace(/\/$/, ''))
    expect(!!facts.queryCompatible).toBe(/awsQueryCompatible: true/.test(config))
    const protocol = /protocol: config\?\.protocol \?\? (?:Aws|S3)(\w+)Protocol/.exec(config)![1]!
    const known = {
      Json1_0: 'awsJson1_0',
      Json1_1: 'awsJson1_1',
      Query: 'awsQuery',
      Ec2Query: 'ec2Query',
      RestJson: 'restJson',
      RestXml: 'restXml',
    }
    expect(facts.protocols).toContain(known[protocol as keyof typeof known])
  })

  test('no two services share a target prefix, a signing name or a host prefix', () => {
    for (const key of ['targetPrefixes', 'signingNames', 'hostPrefixes'] as const) {
      const all = names.flatMap(name => factsOf(name)![key])
      expect(new Set(all).size).toBe(all.length)
    }
  })
})

describe('a model', () => {
  test.each(names)('of %s has every operation, with shapes that resolve to their leaves', async name => {
    const model = await loadModel(name)
    expect(model.operationNames.length).toBeGreaterThan(4)
    for (const operationName of model.operationNames) {
      const operation = model.operation(operationName)!
      expect(operation.input.kind).toBe('structure')
      if (name === 'ec2') continue // 823 operations: one is enough
      walk(operation.input, new Set())
      walk(operation.output, new Set())
    }
  })

  test('is loaded once', async () => {
    expect(await loadModel('sts')).toBe(await loadModel('sts'))
  })

  test('of a service that does not exist is a programming error', async () => {
    await expect(loadModel('constructor')).rejects.toThrow('no model')
  })

  test('finds errors by the name of their exception and by their Query code', async () => {
    const iam = await loadModel('iam')
    expect(iam.error('NoSuchEntityException')).toMatchObject({
      queryCode: 'NoSuchEntity',
      status: 404,
      fault: 'client',
    })
    expect(iam.error('NoSuchEntity')).toBe(iam.error('NoSuchEntityException'))
    expect(iam.error('ServiceFailureException')).toMatchObject({
      queryCode: 'ServiceFailure',
      queryStatus: 500,
      fault: 'server',
    })
    expect(iam.error('toString')).toBeUndefined()
  })

  test('knows what S3 demands in paths and headers', async () => {
    const s3 = await loadModel('s3')
    expect(s3.operation('CopyObject')?.http).toMatchObject({ method: 'PUT', required: ['Bucket', 'CopySource', 'Key'] })
    expect(s3.operation('GetObject')?.output.members.find(member => member.name === 'Body')?.shape).toMatchObject({
      kind: 'blob',
      streaming: true,
    })
  })

  test('of the CodeDeploy agent has its five operations under both target prefixes', async () => {
    const model = await loadModel('codedeploy-commands')
    expect(model.operationNames).toEqual([
      'GetDeploymentSpecification',
      'PollHostCommand',
      'PostHostCommandUpdate',
      'PutHostCommandAcknowledgement',
      'PutHostCommandComplete',
    ])
    expect(model.targetPrefixes).toEqual(['CodeDeployCommandService_v20141006', 'CodeDeployCommandService'])
    expect(model.operation('PutHostCommandComplete')?.input.members.map(member => member.name)).toEqual([
      'HostCommandIdentifier',
      'CommandStatus',
      'Diagnostics',
    ])
  })

  test('has constraints for operations that exist, whose members exist', async () => {
    for (const name of names) {
      const { constraints, ...model } = await loadModel(name)
      for (const [operation, shapeName] of Object.entries(constraints.operations)) {
        const shape = constraints.shapes[shapeName]!
        if (shape.type !== 'structure' || !model.operation(operation)) continue // botocore is a release ahead or behind
        const members = new Set(model.operation(operation)!.input.members.map(member => member.name))
        const unknown = (shape.required ?? []).filter(member => !members.has(member))
        expect({ name, operation, unknown }).toEqual({ name, operation, unknown: [] })
      }
    }
  })
})

function walk(shape: Shape, seen: Set<Shape>): void {
  if (seen.has(shape)) return
  seen.add(shape)
  for (const member of membersOf(shape)) walk(member.shape, seen)
}

function membersOf(shape: Shape): readonly Member[] {
  switch (shape.kind) {
    case 'structure':
      return shape.members
    case 'list':
      return [shape.item]
    case 'map':
      return [shape.key, shape.value]
    default:
      return []
  }
}

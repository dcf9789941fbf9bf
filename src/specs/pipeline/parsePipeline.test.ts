import { describe, expect, test } from 'vitest'
import { parsePipeline } from './parsePipeline.ts'

const action = (name: string, category: string, provider: string, more: object) => ({
  name,
  actionTypeId: { category, owner: 'AWS', provider, version: '1' },
  ...more,
})
const good = {
  pipeline: {
    name: 'web',
    roleArn: 'arn:aws:iam::000000000000:role/p',
    artifactStore: { type: 'S3', location: 'b' },
    stages: [
      {
        name: 'Source',
        actions: [
          action('Get', 'Source', 'S3', {
            configuration: { S3Bucket: 'b', S3ObjectKey: 'k' },
            outputArtifacts: [{ name: 'S' }],
          }),
        ],
      },
      {
        name: 'Deploy',
        actions: [
          action('Go', 'Deploy', 'S3', {
            configuration: { BucketName: 'b', Extract: 'true' },
            inputArtifacts: [{ name: 'S' }],
          }),
        ],
      },
    ],
  },
}
const check = (value: unknown) => parsePipeline(JSON.stringify(value, null, 2), 'p.json').diagnostics

describe('a pipeline file', () => {
  test('that AWS accepts has no complaints, wrapped or bare', () => {
    expect(check(good)).toEqual([])
    expect(check(good.pipeline)).toEqual([])
  })

  test('that is no JSON is refused where it stops being JSON', () => {
    expect(parsePipeline('{\n  "name": "x",\n  "stages": [\n', 'p.json').diagnostics[0]).toMatchObject({
      severity: 'error',
      line: 4,
    })
  })

  test('is refused at the place of the mistake', () => {
    const bad = structuredClone(good)
    delete (bad.pipeline.stages[0]!.actions[0] as any).configuration.S3ObjectKey
    const [problem] = check(bad)
    expect(problem).toMatchObject({
      severity: 'error',
      message: expect.stringContaining("missing required configuration 'S3ObjectKey'"),
    })
    expect(JSON.stringify(bad, null, 2).split('\n')[problem!.line - 1]).toContain('configuration')
  })

  test('with unknown keys is accepted with a warning', () => {
    expect(check({ pipeline: { ...good.pipeline, zork: 1 } })).toMatchObject([
      { severity: 'warning', message: "unknown key 'zork'" },
    ])
  })

  test.each([
    ['null', null],
    ['a list', []],
    ['text', 'x'],
    ['stages that are no list', { name: 'x', roleArn: 'r', stages: 1 }],
    ['a stage that is null', { name: 'x', roleArn: 'r', stages: [null] }],
  ])('that is %s is refused, not crashed on', (_, value) => {
    expect(check(value).length).toBeGreaterThan(0)
  })
})

import { describe, expect, test } from 'vitest'
import type { EventRecord } from '../../operation/call.ts'
import { inputProblem, targetInput } from './input.ts'

const EVENT: EventRecord = {
  version: '0',
  id: 'i',
  'detail-type': 'Build "x"',
  source: 'aws.codebuild',
  account: '0',
  time: '2026-01-01T00:00:00Z',
  region: 'r',
  resources: ['arn:1', 'arn:2'],
  detail: { state: 'FAILED', count: 3, info: { a: 'b' }, list: ['x'] },
}
const RULE = { name: 'my-rule', arn: 'arn:rule' }
const input = (settings: Parameters<typeof targetInput>[0]) =>
  targetInput(settings, EVENT, RULE, new Date('2026-01-01T00:00:01Z'))
const template = (InputTemplate: string, InputPathsMap: Record<string, string> = {}) =>
  input({ InputTransformer: { InputTemplate, InputPathsMap } })

describe('the input of a target', () => {
  test('is the event, a part of it or a constant', () => {
    expect(JSON.parse(input({}))).toEqual(EVENT)
    expect(input({ InputPath: '$.detail' })).toBe('{"state":"FAILED","count":3,"info":{"a":"b"},"list":["x"]}')
    expect(input({ InputPath: '$.resources[1]' })).toBe('"arn:2"')
    expect(input({ Input: '{"a":1}' })).toBe('{"a":1}')
  })

  test.each<[template: string, paths: Record<string, string>, expected: string]>([
    ['"state is <s>"', { s: '$.detail.state' }, '"state is FAILED"'],
    ['{"state": <s>, "n": <n>}', { s: '$.detail.state', n: '$.detail.count' }, '{"state": "FAILED", "n": 3}'],
    ['{"state": "<s>", "n": "<n>"}', { s: '$.detail.state', n: '$.detail.count' }, '{"state": "FAILED", "n": "3"}'],
    ['{"info": <i>}', { i: '$.detail.info' }, '{"info": {"a":"b"}}'],
    ['"info <i>"', { i: '$.detail.info' }, '"info {a:b}"'],
    ['"type <t>"', { t: "$['detail-type']" }, '"type Build \\"x\\""'],
    ['{"none": <x>, "text": "<x>"}', { x: '$.detail.none' }, '{"none": null, "text": ""}'],
    ['"<aws.events.rule-name> <aws.events.rule-arn>"', {}, '"my-rule arn:rule"'],
    ['{"at": <aws.events.event.ingestion-time>}', {}, '{"at": "2026-01-01T00:00:01.000Z"}'],
    ['{"event": <aws.events.event.json>}', {}, `{"event": ${JSON.stringify(EVENT)}}`],
    ['"a <s>"\n"b \\"<s>\\""', { s: '$.detail.state' }, '"a FAILED"\n"b \\"FAILED\\""'],
    ['<p>See <s></p>', { s: '$.source' }, '<p>See "aws.codebuild"</p>'],
  ])('template %s', (text, paths, expected) => {
    expect(template(text, paths)).toBe(expected)
  })
})

test.each<[what: string, settings: Parameters<typeof inputProblem>[0]]>([
  ['two ways at once', { Id: '1', Input: '1', InputPath: '$' }],
  ['a constant that is no JSON', { Id: '1', Input: '{' }],
  ['a path that is none', { Id: '1', InputPath: 'detail' }],
  ['a placeholder without a path', { Id: '1', InputTransformer: { InputTemplate: '"<x>"' } }],
  ['a reserved name', { Id: '1', InputTransformer: { InputTemplate: '1', InputPathsMap: { 'aws.x': '$' } } }],
])('is refused: %s', (_what, settings) => {
  expect(inputProblem(settings)).toContain('1')
})

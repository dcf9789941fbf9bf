import { describe, expect, test } from 'vitest'
import { matchesWildcard } from './condition.ts'
import { parseFilterPattern } from './pattern.ts'
import { parseRegex } from './regex.ts'

const matches = (pattern: string, message: string) => parseFilterPattern(pattern).match(message) !== undefined

describe('terms', () => {
  test.each<[pattern: string, message: string, expected: boolean]>([
    ['', 'anything', true],
    ['" "', 'anything', true],
    ['ERROR', '[ERROR 400] BAD REQUEST', true],
    ['ERROR', 'Exiting with ERRORCODE: -1', true],
    ['ERROR', 'error', false],
    ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
    ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
    ['?ERROR ?ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
    ['?ERROR ?ARGUMENTS', '[INFO] fine', false],
    ['?ERROR ?ARGUMENTS REQUEST', '[INFO] REQUEST FAILED', true],
    ['?ERROR ?ARGUMENTS REQUEST', '[ERROR] nothing', false],
    ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
    ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL ERROR', false],
    ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
    ['ERROR -ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', false],
    ['-"exit 0"', 'exit 1', true],
    ['-"exit 0"', 'exit 0', false],
    ['"a \\"b\\""', 'say a "b" now', true],
    ['%AUTHORIZED%', '[ERROR 401] UNAUTHORIZED REQUEST', true],
    ['%^AUTHORIZED%', '[ERROR 401] UNAUTHORIZED REQUEST', false],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(matches(pattern, message)).toBe(expected)
  })
})

const TRAIL = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [{ name: 'a', id: 1 }],
  SomeObject: null,
  'cluster.name': 'c',
  ok: true,
  number: [1000],
  errorCode: 404,
  errorText: '404',
})

describe('JSON patterns', () => {
  test.each<[pattern: string, expected: boolean]>([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{$.eventType="UpdateTrail"}', true],
    ['{ $.eventType = UpdateTrail }', true],
    ['{ $.eventType = "Update" }', false],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType = "*Tr*il" }', true],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.sourceIPAddress != 111.* }', false],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[1] = "value" }', false],
    ['{ $.arrayKey[7] = "value" }', false],
    ['{ $.arrayKey[*] = "another value" }', true],
    ['{ $.arrayKey[*] = %val.{2}% }', true],
    ['{ $.arrayKey = "value" }', false],
    ['{ $.objectList[0].id = 1 }', true],
    ['{ $.* = %111\\.111\\.111\\.1[0-9]{1,2}% }', true],
    ['{ $.[\'cluster.name\'] = "c" }', true],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.eventType IS NULL }', false],
    ['{ $.ok IS TRUE }', true],
    ['{ $.ok IS FALSE }', false],
    ['{ $.Other NOT EXISTS }', true],
    ['{ $.SomeObject NOT EXISTS }', false],
    ['{ $.number[0] = 1e+3 }', true],
    ['{ $.number[0] != 1e-3 }', true],
    ['{ $.errorCode >= 400 && $.errorCode < 500 }', true],
    ['{ $.errorCode > 404 }', false],
    ['{ $.errorCode <= 404 }', true],
    ['{ $.errorCode = 4* }', true],
    ['{ $.errorText = 404 }', true],
    ['{ $.missing != "x" }', false],
    ['{ $.eventType = "x" || $.errorCode = 404 && $.ok IS FALSE }', false],
    ['{ ($.eventType = "UpdateTrail" || $.errorCode = 1) && $.ok IS TRUE }', true],
    ['{ $.eventType = %Trail% }', true],
  ])('%s: %s', (pattern, expected) => {
    expect(matches(pattern, TRAIL)).toBe(expected)
  })

  test('a message that is no JSON never matches', () => {
    expect(matches('{ $.a NOT EXISTS }', 'plain text')).toBe(false)
    expect(matches('{ $.a NOT EXISTS }', '{broken')).toBe(false)
  })
})

const ACCESS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'

describe('space-delimited patterns', () => {
  test.each<[pattern: string, message: string, expected: boolean]>([
    ['[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]', ACCESS, true],
    ['[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]', ACCESS, true],
    ['[..., request =*.html*, status_code = 4*, bytes]', ACCESS, true],
    ['[..., status_code = 5*, bytes]', ACCESS, false],
    ['[ip, user, username, timestamp, request, status_code = 404 || status_code = 410, bytes]', ACCESS, true],
    ['[ip, user, username, timestamp, request, status_code >= 400 && status_code < 404, bytes]', ACCESS, false],
    ['[..., bytes > 1000]', ACCESS, true],
    ['[ip, user != Prod, ...]', ACCESS, false],
    ['[a,b,c,d,e,f,g,h]', ACCESS, false],
    ['[w1=ERROR, w2]', 'ERROR 09/25/2014 12:00:02 Failed to process request', true],
    ['[w1=ERROR || w1=WARNING, w2]', 'WARNING 09/25/2014 Invalid user request', true],
    ['[w1!=ERROR && w1!=WARNING, w2]', 'INFO 09/25/2014 GET', true],
    ['[w1!=ERROR && w1!=WARNING, w2]', 'ERROR 09/25/2014 GET', false],
    ['[w1="ERROR", w2=%/service/[0-9]+$%]', 'ERROR /service/12', true],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(matches(pattern, message)).toBe(expected)
  })

  test('the fields are extracted by name', () => {
    expect(parseFilterPattern('[ip, user, ..., bytes]').match(ACCESS)?.extracted).toEqual({
      $ip: '127.0.0.1',
      $user: 'Prod',
      $bytes: '1534',
    })
  })
})

describe('broken patterns', () => {
  test.each([
    '{ $.a }',
    '{ $.a = }',
    '{ $.a = 1',
    '{ a = 1 }',
    '{ $.a > x }',
    '{ $.a IS NOT NULL }',
    '{ $.*.b[*] = 1 }',
    '{ $.a = 1 } x',
    '[a, b = ]',
    '[a, ..., b, ...]',
    '[a',
    '"unfinished',
    '%a(b)%',
    '%[a%',
    '%a{9,1}%',
  ])('%s is refused', pattern => {
    expect(() => parseFilterPattern(pattern)).toThrow(expect.objectContaining({ name: 'PatternError' }))
  })
})

describe('regular expressions', () => {
  test.each<[expression: string, text: string, expected: boolean]>([
    ['^[hc]at', 'cat', true],
    ['^[hc]at', 'a cat', false],
    ['[hc]at$', 'a cat', true],
    ['colou?r', 'color', true],
    ['10{3,5}1', '10001', true],
    ['10{3,5}1', '1001', false],
    ['10{3,5}1', '10000001', false],
    ['gra|ey', 'grey', true],
    ['[^a-z]', 'abc', false],
    ['a+b', 'caaab', true],
    ['.at', '\nat', false],
    ['\\d+\\.\\d', 'v 12.5', true],
    ['\\S', ' \t', false],
    ['\\x28\\x3A', '(:', true],
    ['a{2}', 'a', false],
    ['x*', '', true],
  ])('%s in %s: %s', (expression, text, expected) => {
    expect(parseRegex(expression)(text)).toBe(expected)
  })

  test('nested repetition over a long text ends in time', () => {
    const started = performance.now()
    expect(parseRegex('a*a*a*a*a*a*a*a*b')('a'.repeat(20_000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('wildcards never overlap', () => {
    expect(matchesWildcard('ab*ba', 'aba')).toBe(false)
    expect(matchesWildcard('*', '')).toBe(true)
    expect(matchesWildcard('a*b*c', 'aXXbYYc')).toBe(true)
  })
})

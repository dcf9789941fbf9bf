import { describe, expect, test } from 'vitest'
import { globMatcher, staticPrefix } from './globs.ts'
import { agentLine } from './logLines.ts'
import { createMask } from './mask.ts'

describe('globs', () => {
  test.each([
    ['**/*', 'a', true],
    ['**/*', 'a/b/c.txt', true],
    ['*', 'a/b', false],
    ['*', '.hidden', true],
    ['dist/*', 'dist/a', true],
    ['dist/*', 'dist/a/b', false],
    ['dist/**/*', 'dist/a/b', true],
    ['dist/**/*', 'dist/a', true],
    ['./a.jar', 'a.jar', true],
    ['*/my-file-3.txt', 'my-subdirectory/my-file-3.txt', true],
    ['target/*.{jar,war}', 'target/a.war', true],
    ['**/node_modules/**', 'x/node_modules/y/z', true],
    ['a?c[0-9]', 'abc7', true],
    ['a+b(c)', 'a+b(c)', true],
    ['**/*.js', 'a.json', false],
  ])('%s and %s: %s', (pattern, path, expected) => expect(globMatcher(pattern)(path)).toBe(expected))

  test.each([
    ['**/*', ''],
    ['dist/**/*', 'dist'],
    ['./target/app.jar', 'target/app.jar'],
    ['a/b*/c', 'a'],
  ])('everything of %s is below "%s"', (pattern, prefix) => expect(staticPrefix(pattern)).toBe(prefix))
})

describe('secrets', () => {
  test('are hidden also when chunks cut them', () => {
    const mask = createMask(['hunter2', 'ab'])
    expect([mask.write('x hun'), mask.write('ter2 y hunt'), mask.write('ed'), mask.end()].join('')).toBe(
      'x *** y hunted',
    )
  })
  test('of several lines are hidden line by line', () => {
    const mask = createMask(['first\nsecond'])
    expect(mask.write('-- second --\n') + mask.end()).toBe('-- *** --\n')
  })
})

test('lines have the time of the agent', () => {
  expect(agentLine(new Date('2026-01-01T00:00:00.123Z'), 'Entering phase BUILD')).toBe(
    '[Container] 2026/01/01 00:00:00.123000 Entering phase BUILD\n',
  )
})

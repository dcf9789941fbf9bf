import { describe, expect, test } from 'vitest'
import { joinViolations, loadModel, type ModelName, services, validate } from './index.ts'
import { compileJavaPattern } from './javaPattern.ts'

const messages = async (service: string, operation: string, input: unknown) =>
  validate(await loadModel(service), operation, input).map(violation => violation.message)

describe('the sentences of broken constraints', () => {
  test('a missing required member', async () => {
    expect(await messages('codecommit', 'CreateRepository', {})).toEqual([
      "Value null at 'repositoryName' failed to satisfy constraint: Member must not be null",
    ])
    expect(validate(await loadModel('codecommit'), 'CreateRepository', undefined)).toMatchObject([
      { path: 'repositoryName', kind: 'required', value: null },
    ])
  })

  test('length and pattern of a text', async () => {
    const name = 'x'.repeat(101)
    expect(await messages('codecommit', 'CreateRepository', { repositoryName: name })).toEqual([
      `Value '${name}' at 'repositoryName' failed to satisfy constraint: Member must have length less than or equal to 100`,
    ])
    expect(await messages('codecommit', 'CreateRepository', { repositoryName: '' })).toEqual([
      "Value '' at 'repositoryName' failed to satisfy constraint: Member must have length greater than or equal to 1",
      "Value '' at 'repositoryName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w\\.-]+",
    ])
  })

  test('length counts characters, not halves of them', async () => {
    const model = await loadModel('codecommit')
    expect(
      validate(model, 'CreateRepository', { repositoryName: 'a', repositoryDescription: '😀'.repeat(1000) }),
    ).toEqual([])
  })

  test('an enum, and the path through lists and structures', async () => {
    const input = {
      pipeline: {
        name: 'p',
        roleArn: 'arn:aws:iam::000000000000:role/r',
        stages: [
          {
            name: 's',
            actions: [{ name: 'a', actionTypeId: { category: 'Nap', owner: 'AWS', provider: 'X', version: '1' } }],
          },
        ],
      },
    }
    expect(await messages('codepipeline', 'CreatePipeline', input)).toEqual([
      "Value 'Nap' at 'pipeline.stages.1.member.actions.1.member.actionTypeId.category' failed to satisfy constraint: Member must satisfy enum value set: [Source, Build, Deploy, Test, Invoke, Approval, Compute]",
    ])
  })

  test('a range, and a fraction where an integer must be', async () => {
    expect(await messages('logs', 'DescribeLogGroups', { limit: 51 })).toEqual([
      "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
    ])
    expect(await messages('logs', 'DescribeLogGroups', { limit: 0 })).toEqual([
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ])
    expect(validate(await loadModel('logs'), 'DescribeLogGroups', { limit: 1.5 })).toMatchObject([
      { kind: 'type', path: 'limit' },
    ])
  })

  test('items of a list and keys of a map are reported at the collection, with all they must satisfy', async () => {
    expect(await messages('codebuild', 'BatchGetBuilds', { ids: ['ok', ''] })).toEqual([
      "Value '[ok, ]' at 'ids' failed to satisfy constraint: Member must satisfy constraint: [Member must have length greater than or equal to 1]",
    ])
    expect(await messages('codecommit', 'TagResource', { resourceArn: 'a', tags: { '': 'v' } })).toEqual([
      "Value '{=v}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
    ])
  })

  test('members of Query services begin in lower case', async () => {
    expect(await messages('iam', 'CreateUser', { UserName: 'a b' })).toEqual([
      "Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    ])
  })

  test('a secret is not repeated', async () => {
    expect(await messages('iam', 'CreateLoginProfile', { UserName: 'bob', Password: 'x'.repeat(129) })).toEqual([
      "Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 128",
    ])
  })

  test('a value of a wrong type, which only calls in process can bring', async () => {
    const model = await loadModel('codecommit')
    expect(validate(model, 'CreateRepository', { repositoryName: 5 })).toMatchObject([
      { kind: 'type', path: 'repositoryName' },
    ])
    expect(validate(model, 'CreateRepository', { repositoryName: 'a', tags: 'x' })).toMatchObject([
      { kind: 'type', path: 'tags' },
    ])
  })

  test('several are joined and counted', async () => {
    const violations = validate(await loadModel('codecommit'), 'CreateRepository', { repositoryName: '' })
    expect(joinViolations(violations)).toBe(
      "2 validation errors detected: Value '' at 'repositoryName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'repositoryName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w\\.-]+",
    )
    expect(joinViolations(violations.slice(0, 1))).toMatch(/^1 validation error detected: /)
  })

  test('a good input has none', async () => {
    expect(await messages('codecommit', 'CreateRepository', { repositoryName: 'my.repo-1', tags: { a: '' } })).toEqual(
      [],
    )
    expect(await messages('codecommit', 'NoSuchOperation', {})).toEqual([])
  })
})

describe("the models' Java patterns", () => {
  const patterns = new Map<string, number>()
  const loaded = (Object.keys(services) as ModelName[]).map(loadModel)
  const all = async () => {
    for (const model of await Promise.all(loaded)) {
      for (const shape of Object.values(model.constraints.shapes)) {
        if (shape.type === 'string' && shape.pattern)
          patterns.set(shape.pattern, Math.max(patterns.get(shape.pattern) ?? 0, shape.max ?? 2048))
      }
    }
    return patterns
  }

  test('all compile: none is left out', async () => {
    const found = [...(await all()).keys()]
    expect(found.length).toBeGreaterThan(100)
    expect(found.filter(pattern => !compileJavaPattern(pattern))).toEqual([])
  })

  test('with sets of classes are not guessed at', () => {
    expect(compileJavaPattern('[a-z&&[^b]]')).toBeUndefined()
    expect(compileJavaPattern('[a[b]]')).toBeUndefined()
  })

  test('are not run over values that are far too long anyway', async () => {
    expect(await messages('codecommit', 'CreateRepository', { repositoryName: '!'.repeat(100_000) })).toHaveLength(1)
  })

  test('match whole values', () => {
    expect(compileJavaPattern('[a-z]+')!.test('ab1')).toBe(false)
    expect(compileJavaPattern('AWS|ThirdParty')!.test('AWSx')).toBe(false)
    expect(compileJavaPattern('^abc$')!.test('abc\n')).toBe(false)
  })

  test.each([
    ['[\\w-_]*', 'a-_', 'a b'],
    ['[\\w\\.-]+', 'my.repo-1', 'my/repo'],
    ['\\_a\\-b\\:', '_a-b:', 'ab'],
    ['(?s).*x', 'a\nx', 'a\n'],
    ['(?i)ab', 'AB', 'c'],
    ['[a-z]++b?+', 'a', '1'],
    ['\\s+', ' \t', '\u00a0'],
    ['[^\\s]+', '\u00a0', ' '],
    ['[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', 'Größe 1', 'a!'],
  ])('%s', (pattern, good, bad) => {
    const regex = compileJavaPattern(pattern)
    expect(regex?.test(good)).toBe(true)
    expect(regex?.test(bad)).toBe(false)
  })

  test('of EventBridge headers, rewritten to run in linear time, match as before', () => {
    const original = '^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$'
    const plain = new RegExp(original, 'u')
    const alphabet = ['a', ' ', '\t', ':', '\x7f']
    const texts = [''].concat(...[1, 2, 3, 4].map(length => words(alphabet, length)))
    const differ = texts.filter(text => plain.test(text) !== compileJavaPattern(original)!.test(text))
    expect(differ).toEqual([])
  })

  test('none takes long over a hostile value', async () => {
    const seeds = ['a', ' ', '-', '/', '.', '0', 'a-', 'a ', 'a.', 'a/', '1.', 'arn:aws:', ':', 'a:', '\t', '%41', 'A,']
    const slow: string[] = []
    for (const [pattern, max] of await all()) {
      const regex = compileJavaPattern(pattern)!
      for (const seed of seeds) {
        const text = `${seed.repeat(Math.ceil(Math.min(max, 4096) / seed.length))}\u0001`
        const start = performance.now()
        regex.test(text)
        if (performance.now() - start > 500) slow.push(`${pattern} on ${seed}`)
      }
    }
    expect(slow).toEqual([])
  })
})

function words(alphabet: readonly string[], length: number): string[] {
  return length === 0 ? [''] : words(alphabet, length - 1).flatMap(word => alphabet.map(letter => word + letter))
}

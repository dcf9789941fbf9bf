import { describe, expect, test } from 'vitest'
import { diagnosticLine } from '../diagnostic.ts'
import type { Batch } from './buildspec.ts'
import { parseBuildspec } from './parseBuildspec.ts'

const indented = (batch: string) => `version: 0.2\nbatch:\n${batch.replace(/^/gm, '  ')}\nphases: {}\n`
const parsed = (batch: string): Batch => {
  const { buildspec, diagnostics } = parseBuildspec(indented(batch), 'b.yml')
  if (!buildspec?.batch) throw new Error(diagnostics.map(diagnosticLine).join('\n'))
  return buildspec.batch
}
const mistakes = (batch: string) => parseBuildspec(indented(batch), 'b.yml').diagnostics.map(diagnosticLine)

describe('a build list', () => {
  test('has an identifier, a buildspec, an environment and what its failure means for each build', () => {
    const { fastFail, kind, builds } = parsed(`fast-fail: true
build-list:
  - identifier: one
    buildspec: one.yml
    debug-session: yes
    ignore-failure: true
    env:
      compute-type: BUILD_GENERAL1_LARGE
      image: debian
      type: LINUX_CONTAINER
      privileged-mode: true
      variables: { A: 1, B: yes }
  - identifier: two`)
    expect({ fastFail, kind }).toEqual({ fastFail: true, kind: 'build-list' })
    expect(builds).toEqual([
      {
        identifier: 'one',
        buildspec: 'one.yml',
        dependsOn: [],
        debugSession: true,
        ignoreFailure: true,
        env: {
          computeType: 'BUILD_GENERAL1_LARGE',
          image: 'debian',
          type: 'LINUX_CONTAINER',
          privilegedMode: true,
          variables: { A: '1', B: 'yes' },
        },
      },
      { identifier: 'two', dependsOn: [], debugSession: false, ignoreFailure: false, env: { variables: {} } },
    ])
  })
})

describe('a build graph', () => {
  test('says who waits for whom', () => {
    const { builds } = parsed(`build-graph:
  - identifier: last
    depend-on: [a, b]
  - identifier: a
  - identifier: b
    depend-on: a`)
    expect(builds.map(({ identifier, dependsOn }) => [identifier, dependsOn])).toEqual([
      ['last', ['a', 'b']],
      ['a', []],
      ['b', ['a']],
    ])
  })

  test.each([
    ['of one', [['a', 'a']], 'a -> a'],
    [
      'of two',
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      'a -> b -> a',
    ],
    [
      'behind a chain',
      [
        ['x', 'a'],
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
      ],
      'a -> b -> c -> a',
    ],
  ] as const)('with a cycle %s is an error at its place', (_, edges, cycle) => {
    const graph = edges.map(([from, to]) => `  - identifier: ${from}\n    depend-on: [${to}]`).join('\n')
    const [line] = mistakes(`build-graph:\n${graph}`)
    expect(line).toMatch(/^b\.yml:\d+:18: /)
    expect(line).toContain(`batch/build-graph has a dependency cycle: ${cycle}`)
  })

  test('with a dependency that is not there is an error', () => {
    expect(mistakes('build-graph:\n  - identifier: a\n    depend-on: [b]')).toEqual([
      'b.yml:5:18: a depends on b, which is not in batch/build-graph',
    ])
  })
})

describe('a build matrix', () => {
  test('is the product of its lists, buildspecs slowest', () => {
    const { builds } = parsed(`build-matrix:
  static:
    ignore-failure: true
    env: { privileged-mode: true, type: LINUX_CONTAINER }
  dynamic:
    buildspec: [matrix1.yml, matrix2.yml]
    env:
      variables:
        MY_VAR: [VALUE1, VALUE2, VALUE3]
        FIXED: same`)
    expect(builds.map(({ identifier, buildspec, env }) => [identifier, buildspec, env.variables.MY_VAR])).toEqual([
      ['build0', 'matrix1.yml', 'VALUE1'],
      ['build1', 'matrix1.yml', 'VALUE2'],
      ['build2', 'matrix1.yml', 'VALUE3'],
      ['build3', 'matrix2.yml', 'VALUE1'],
      ['build4', 'matrix2.yml', 'VALUE2'],
      ['build5', 'matrix2.yml', 'VALUE3'],
    ])
    for (const build of builds)
      expect(build).toMatchObject({
        ignoreFailure: true,
        env: { privilegedMode: true, type: 'LINUX_CONTAINER', variables: { FIXED: 'same' } },
      })
  })

  test('varies images and compute types as well', () => {
    const { builds } = parsed(`build-matrix:
  dynamic:
    env:
      compute-type: [BUILD_GENERAL1_SMALL, BUILD_GENERAL1_LARGE]
      image: [debian, alpine]`)
    expect(builds.map(({ env }) => `${env.computeType} ${env.image}`)).toEqual([
      'BUILD_GENERAL1_SMALL debian',
      'BUILD_GENERAL1_SMALL alpine',
      'BUILD_GENERAL1_LARGE debian',
      'BUILD_GENERAL1_LARGE alpine',
    ])
  })

  test('that would explode is refused before it does', () => {
    const values = `[${Array.from({ length: 200 }, (_, at) => at).join(', ')}]`
    const [line] = mistakes(
      `build-matrix:\n  dynamic:\n    env:\n      variables:\n        A: ${values}\n        B: ${values}\n        C: ${values}`,
    )
    expect(line).toContain('batch/build-matrix makes 8000000 builds')
  })
})

describe('a fanout', () => {
  test('is so many equal builds, each of which knows its part', () => {
    const { builds } = parsed('build-fanout:\n  parallelism: 3\n  ignore-failure: false')
    expect(builds.map(({ identifier, shard }) => ({ identifier, shard }))).toEqual([
      { identifier: 'build0', shard: { index: 0, count: 3 } },
      { identifier: 'build1', shard: { index: 1, count: 3 } },
      { identifier: 'build2', shard: { index: 2, count: 3 } },
    ])
  })
  test.each(['0', '-1', 'many', '1.5', ''])('of parallelism %j is an error', value => {
    expect(mistakes(`build-fanout:\n  parallelism: ${value}`)[0]).toContain(
      'batch/build-fanout/parallelism must be a number greater than zero',
    )
  })
})

describe('a mistake is found at its place', () => {
  test.each([
    [
      'two kinds',
      'build-list:\n  - identifier: a\nbuild-fanout: { parallelism: 1 }',
      'b.yml:5:3: batch can have only one of',
    ],
    ['no identifier', 'build-list:\n  - buildspec: a.yml', 'b.yml:4:7: batch/build-list[0]/identifier is required'],
    ['a strange identifier', 'build-list:\n  - identifier: a b', 'b.yml:4:19: batch/build-list[0]/identifier must be'],
    [
      'the same identifier twice',
      'build-list:\n  - identifier: a\n  - identifier: a',
      'b.yml:5:19: duplicate identifier a',
    ],
    ['an empty list', 'build-list: []', 'b.yml:3:15: batch/build-list must be a list of builds'],
    ['a list that is none', 'build-list:', 'b.yml:3:14: batch/build-list must be a list of builds'],
    ['a build that is a word', 'build-list: [a]', 'b.yml:3:16: batch/build-list[0] must be a mapping'],
    ['a matrix without dynamic', 'build-matrix: { static: {} }', 'batch/build-matrix/dynamic is required'],
    [
      'compute type and fleet together',
      'build-list:\n  - identifier: a\n    env: { compute-type: BUILD_GENERAL1_SMALL, fleet: f }',
      'b.yml:5:50: batch/build-list[0]/env: compute-type and fleet can not be provided',
    ],
    [
      'privileged mode that is no boolean',
      'build-list:\n  - identifier: a\n    env: { privileged-mode: maybe }',
      'b.yml:5:31: ',
    ],
    [
      'depend-on in a list',
      'build-list:\n  - identifier: a\n    depend-on: [a]',
      'b.yml:5:7: warning: unknown key "depend-on"',
    ],
  ])('%s', (_, text, expected) => {
    expect(mistakes(text).join('\n')).toContain(expected)
  })
})

// The batch section of a buildspec: whichever of its four kinds it is written in, it comes out as a list of builds.

import { isSeq, type Node } from 'yaml'
import type { Batch, BatchBuild, BatchEnv } from './buildspec.ts'
import { type Members, readBoolean, readMembers, readText, readTextMap, readTexts } from './read.ts'
import { scalarText, type YamlTree } from './yamlTree.ts'

const KINDS = ['build-list', 'build-graph', 'build-matrix', 'build-fanout'] as const
const ENV_KEYS = ['compute-type', 'fleet', 'image', 'type', 'privileged-mode', 'variables']
/** More would not fit into any restriction of a project; it bounds what a matrix may multiply to. */
const MOST_BUILDS = 10_000

export function readBatch(tree: YamlTree, node: Node | null): Batch | undefined {
  if (!node) return undefined
  const members = readMembers(tree, node, 'batch', ['fast-fail', ...KINDS])
  const kinds = KINDS.filter(kind => members.has(kind))
  if (kinds.length > 1) tree.error(members.keyNode(kinds[1]!), `batch can have only one of ${KINDS.join(', ')}`)
  const kind = kinds[0]
  const fastFail = readBoolean(tree, members.get('fast-fail'), 'batch/fast-fail')
  const at = kind && members.get(kind)
  switch (kind) {
    case undefined:
      return { fastFail, builds: [] }
    case 'build-list':
    case 'build-graph':
      return { fastFail, kind, builds: readTasks(tree, at ?? null, members.keyNode(kind), kind) }
    case 'build-matrix':
      return { fastFail, kind, builds: readMatrix(tree, at ?? null, members.keyNode(kind)) }
    case 'build-fanout':
      return { fastFail, kind, builds: readFanout(tree, at ?? null, members.keyNode(kind)) }
  }
}

const TASK_KEYS = ['identifier', 'buildspec', 'debug-session', 'env', 'ignore-failure']

function readTasks(
  tree: YamlTree,
  node: Node | null,
  key: Node | undefined,
  kind: 'build-list' | 'build-graph',
): BatchBuild[] {
  const name = `batch/${kind}`
  const list = tree.resolve(node)
  if (!isSeq(list) || list.items.length === 0) {
    tree.error(node ?? key, `${name} must be a list of builds`)
    return []
  }
  const known = kind === 'build-graph' ? [...TASK_KEYS, 'depend-on'] : TASK_KEYS
  const places = new Map<string, Node | null>()
  const tasks = list.items.flatMap((raw, index): { build: BatchBuild; members: Members }[] => {
    const item = tree.resolve(raw as Node)
    const what = `${name}[${index}]`
    if (!tree.entries(item)) {
      tree.error(item ?? key, `${what} must be a mapping`)
      return []
    }
    const members = readMembers(tree, item, what, known)
    const identifier = readIdentifier(tree, item, members, what)
    if (identifier === undefined) return []
    if (places.has(identifier)) tree.error(members.get('identifier'), `duplicate identifier ${identifier} in ${name}`)
    places.set(identifier, item)
    const build: BatchBuild = {
      identifier,
      ...optional('buildspec', readText(tree, members.get('buildspec'), `${what}/buildspec`)),
      dependsOn:
        kind === 'build-graph' ? [...new Set(readTexts(tree, members.get('depend-on'), `${what}/depend-on`))] : [],
      ignoreFailure: readBoolean(tree, members.get('ignore-failure'), `${what}/ignore-failure`),
      debugSession: readBoolean(tree, members.get('debug-session'), `${what}/debug-session`),
      env: readBatchEnv(tree, members.get('env'), `${what}/env`),
    }
    return [{ build, members }]
  })
  for (const { build, members } of tasks) {
    for (const other of build.dependsOn) {
      if (!places.has(other))
        tree.error(members.get('depend-on'), `${build.identifier} depends on ${other}, which is not in ${name}`)
    }
  }
  const builds = tasks.map(({ build }) => build)
  const cycle = findCycle(builds)
  if (cycle) {
    const first = tasks.find(({ build }) => build.identifier === cycle[0])
    tree.error(first?.members.get('depend-on'), `${name} has a dependency cycle: ${cycle.join(' -> ')}`)
  }
  return builds
}

// DEVIATES: nothing says which characters AWS takes; these can be an artifact's name and a folder.
function readIdentifier(tree: YamlTree, item: Node | null, members: Members, what: string): string | undefined {
  const identifier = readText(tree, members.get('identifier'), `${what}/identifier`)?.trim()
  if (!identifier) {
    tree.error(members.keyNode('identifier') ?? item, `${what}/identifier is required`)
    return undefined
  }
  if (!/^[\w-]{1,128}$/.test(identifier))
    tree.error(
      members.get('identifier'),
      `${what}/identifier must be at most 128 letters, digits, hyphens and underscores, found "${identifier}"`,
    )
  return identifier
}

/** Identifiers along the first cycle, its first one again at the end. */
function findCycle(builds: readonly BatchBuild[]): string[] | undefined {
  const dependencies = new Map(builds.map(build => [build.identifier, build.dependsOn]))
  const clean = new Set<string>()
  const path: string[] = []
  const visit = (identifier: string): string[] | undefined => {
    if (clean.has(identifier)) return undefined
    const seen = path.indexOf(identifier)
    if (seen >= 0) return [...path.slice(seen), identifier]
    path.push(identifier)
    for (const other of dependencies.get(identifier) ?? []) {
      const found = visit(other)
      if (found) return found
    }
    path.pop()
    clean.add(identifier)
    return undefined
  }
  for (const { identifier } of builds) {
    const found = visit(identifier)
    if (found) return found
  }
  return undefined
}

function readBatchEnv(tree: YamlTree, node: Node | null, name: string): BatchEnv {
  const members = readMembers(tree, node, name, ENV_KEYS)
  const text = (key: string) => readText(tree, members.get(key), `${name}/${key}`)
  // AWS: "compute-type and fleet cannot be provided in the same identifier of a single build" [batch-build-buildspec].
  if (members.has('compute-type') && members.has('fleet'))
    tree.error(
      members.keyNode('fleet'),
      `${name}: compute-type and fleet can not be provided in the same identifier of a build`,
    )
  return {
    ...optional('computeType', text('compute-type')),
    ...optional('fleet', text('fleet')),
    ...optional('image', text('image')),
    ...optional('type', text('type')),
    ...(members.has('privileged-mode') && {
      privilegedMode: readBoolean(tree, members.get('privileged-mode'), `${name}/privileged-mode`),
    }),
    variables: readTextMap(tree, members.get('variables'), `${name}/variables`),
  }
}

// AWS: a build for each combination; the buildspec varies slowest, variables in the order they are written fastest [batch-build].
function readMatrix(tree: YamlTree, node: Node | null, key: Node | undefined): BatchBuild[] {
  const name = 'batch/build-matrix'
  if (!tree.entries(node)) {
    tree.error(node ?? key, `${name} must be a mapping with static and dynamic`)
    return []
  }
  const members = readMembers(tree, node, name, ['static', 'dynamic'])
  const fixed = readMembers(tree, members.get('static'), `${name}/static`, ['ignore-failure', 'env'])
  const env = readBatchEnv(tree, fixed.get('env'), `${name}/static/env`)
  const ignoreFailure = readBoolean(tree, fixed.get('ignore-failure'), `${name}/static/ignore-failure`)
  if (!members.get('dynamic')) tree.error(members.keyNode('dynamic') ?? key, `${name}/dynamic is required`)
  const dynamic = readMembers(tree, members.get('dynamic'), `${name}/dynamic`, ['buildspec', 'env'])
  const varied = readMembers(tree, dynamic.get('env'), `${name}/dynamic/env`, [
    'compute-type',
    'fleet',
    'image',
    'variables',
  ])
  if (varied.has('compute-type') && varied.has('fleet'))
    tree.error(varied.keyNode('fleet'), `${name}/dynamic/env: compute-type and fleet can not both be provided`)
  const list = (from: Members, of: string, place: string): string[] => readValues(tree, from.get(of), `${place}/${of}`)
  const axes: { readonly values: readonly string[]; readonly set: (build: BatchBuild, value: string) => BatchBuild }[] =
    [
      {
        values: list(dynamic, 'buildspec', `${name}/dynamic`),
        set: (build, buildspec) => ({ ...build, buildspec }),
      },
      ...(
        [
          ['compute-type', 'computeType'],
          ['fleet', 'fleet'],
          ['image', 'image'],
        ] as const
      ).map(([member, property]) => ({
        values: list(varied, member, `${name}/dynamic/env`),
        set: (build: BatchBuild, value: string) => ({ ...build, env: { ...build.env, [property]: value } }),
      })),
      ...(tree.entries(varied.get('variables')) ?? []).map(entry => ({
        values: readValues(tree, entry.value, `${name}/dynamic/env/variables/${entry.key}`),
        set: (build: BatchBuild, value: string) => ({
          ...build,
          env: { ...build.env, variables: { ...build.env.variables, [entry.key]: value } },
        }),
      })),
    ]
  const used = axes.filter(({ values }) => values.length > 0)
  const count = used.reduce((product, { values }) => product * values.length, 1)
  if (count > MOST_BUILDS) {
    tree.error(members.get('dynamic'), `${name} makes ${count} builds, which is more than ${MOST_BUILDS}`)
    return []
  }
  const one: BatchBuild = { identifier: '', dependsOn: [], ignoreFailure, debugSession: false, env }
  return used
    .reduce<BatchBuild[]>(
      (builds, { values, set }) => builds.flatMap(build => values.map(value => set(build, value))),
      [one],
    )
    .map((build, index) => ({ ...build, identifier: `build${index}` }))
}

/** A list of values, or one value. */
function readValues(tree: YamlTree, node: Node | null, name: string): string[] {
  const resolved = tree.resolve(node)
  if (isSeq(resolved)) return readTexts(tree, resolved, name)
  const text = readText(tree, resolved, name)
  return text === undefined ? [] : [text]
}

function readFanout(tree: YamlTree, node: Node | null, key: Node | undefined): BatchBuild[] {
  const name = 'batch/build-fanout'
  if (!tree.entries(node)) {
    tree.error(node ?? key, `${name} must be a mapping with parallelism`)
    return []
  }
  const members = readMembers(tree, node, name, ['parallelism', 'ignore-failure'])
  const text = scalarText(members.get('parallelism'))?.trim()
  const count = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > MOST_BUILDS) {
    tree.error(
      members.get('parallelism') ?? members.keyNode('parallelism') ?? node,
      `${name}/parallelism must be a number greater than zero${text === undefined ? '' : `, found "${text}"`}`,
    )
    return []
  }
  const ignoreFailure = readBoolean(tree, members.get('ignore-failure'), `${name}/ignore-failure`)
  return Array.from({ length: count }, (_, index) => ({
    identifier: `build${index}`,
    dependsOn: [],
    ignoreFailure,
    debugSession: false,
    env: { variables: {} },
    shard: { index, count },
  }))
}

const optional = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }

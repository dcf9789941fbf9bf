// The sections of a buildspec besides its phases and its batch: env, proxy, reports, artifacts, cache.

import { isMap, isSeq, type Node } from 'yaml'
import type { ArtifactSpec, Artifacts, BuildspecEnv, CacheSpec, FileSelection, ReportSpec } from './buildspec.ts'
import { readBoolean, readMembers, readText, readTextMap, readTexts } from './read.ts'
import { scalarText, type YamlTree } from './yamlTree.ts'

const ENV_KEYS = [
  'shell',
  'variables',
  'parameter-store',
  'secrets-manager',
  'exported-variables',
  'git-credential-helper',
]

/** `legacy` is 0.1's `environment_variables` mapping. */
export function readEnv(tree: YamlTree, node: Node | null, legacy: Node | null): BuildspecEnv {
  const members = readMembers(tree, node, 'env', ENV_KEYS)
  const old = readMembers(tree, legacy, 'environment_variables', ['plaintext'])
  const variables = {
    ...readTextMap(tree, old.get('plaintext'), 'environment_variables/plaintext'),
    ...readTextMap(tree, members.get('variables'), 'env/variables'),
  }
  for (const name of Object.keys(variables)) {
    if (name.startsWith('CODEBUILD_')) {
      tree.warn(members.get('variables'), `${name}: names that start with CODEBUILD_ are reserved`)
    }
  }
  return {
    shell: readText(tree, members.get('shell'), 'env/shell'),
    variables,
    parameterStore: readTextMap(tree, members.get('parameter-store'), 'env/parameter-store'),
    secretsManager: readTextMap(tree, members.get('secrets-manager'), 'env/secrets-manager'),
    exportedVariables: readTexts(tree, members.get('exported-variables'), 'env/exported-variables'),
    gitCredentialHelper: readBoolean(tree, members.get('git-credential-helper'), 'env/git-credential-helper'),
  }
}

export function readProxy(tree: YamlTree, node: Node | null) {
  const members = readMembers(tree, node, 'proxy', ['upload-artifacts', 'logs'])
  return {
    uploadArtifacts: readBoolean(tree, members.get('upload-artifacts'), 'proxy/upload-artifacts'),
    logs: readBoolean(tree, members.get('logs'), 'proxy/logs'),
  }
}

const SELECTION_KEYS = ['files', 'base-directory', 'discard-paths', 'exclude-paths']

export function readReports(tree: YamlTree, node: Node | null): Record<string, ReportSpec> {
  const reports = (tree.entries(node) ?? []).map(entry => {
    const name = `reports/${entry.key}`
    const members = readMembers(tree, entry.value, name, [...SELECTION_KEYS, 'file-format'])
    const format = readText(tree, members.get('file-format'), `${name}/file-format`)
    const selection = readSelection(tree, members, name)
    if (selection.files.length === 0) tree.error(entry.keyNode, `${name}/files is required`)
    return [entry.key, { ...selection, fileFormat: (format ?? 'JUNITXML').toUpperCase() }] as const
  })
  // AWS: at most five report groups a project [build-spec-ref].
  if (reports.length > 5) tree.error(node, 'a project can have a maximum of five report groups')
  return Object.fromEntries(reports)
}

const ARTIFACT_KEYS = [...SELECTION_KEYS, 'name', 'enable-symlinks', 's3-prefix']

export function readArtifacts(tree: YamlTree, node: Node | null): Artifacts | undefined {
  if (!isMap(node)) {
    if (isSeq(node) || scalarText(node) !== undefined) tree.error(node, 'artifacts must be a mapping')
    return undefined
  }
  const primary = readArtifact(tree, node, 'artifacts', ['secondary-artifacts'])
  const members = readMembers(tree, node, 'artifacts', [...ARTIFACT_KEYS, 'secondary-artifacts', 'type'])
  const secondary = (tree.entries(members.get('secondary-artifacts')) ?? []).map(entry => {
    const name = `artifacts/secondary-artifacts/${entry.key}`
    const spec = readArtifact(tree, entry.value, name, [])
    if (spec.files.length === 0) tree.error(entry.keyNode, `${name}/files is required`)
    return [entry.key, spec] as const
  })
  if (primary.files.length === 0) {
    const message = 'artifacts/files is required, also when there are only secondary artifacts'
    if (secondary.length === 0) tree.error(node, message)
    else tree.warn(node, message)
  }
  return { ...primary, secondary: Object.fromEntries(secondary) }
}

function readArtifact(tree: YamlTree, node: Node | null, name: string, more: readonly string[]): ArtifactSpec {
  const quiet = more.length > 0 // the caller reads the same mapping and warns
  const known = quiet ? (tree.entries(node) ?? []).map(entry => entry.key) : ARTIFACT_KEYS
  const members = readMembers(tree, node, name, known)
  return {
    ...readSelection(tree, members, name),
    name: readText(tree, members.get('name'), `${name}/name`),
    enableSymlinks: readBoolean(tree, members.get('enable-symlinks'), `${name}/enable-symlinks`),
    s3Prefix: readText(tree, members.get('s3-prefix'), `${name}/s3-prefix`),
  }
}

function readSelection(tree: YamlTree, members: ReturnType<typeof readMembers>, name: string): FileSelection {
  return {
    files: readTexts(tree, members.get('files'), `${name}/files`),
    baseDirectory: readText(tree, members.get('base-directory'), `${name}/base-directory`),
    discardPaths: readBoolean(tree, members.get('discard-paths'), `${name}/discard-paths`),
    excludePaths: readTexts(tree, members.get('exclude-paths'), `${name}/exclude-paths`),
  }
}

export function readCache(tree: YamlTree, node: Node | null): CacheSpec | undefined {
  if (!node) return undefined
  const members = readMembers(tree, node, 'cache', ['paths', 'key', 'fallback-keys', 'action'])
  const action = readText(tree, members.get('action'), 'cache/action')
  if (action !== undefined && action !== 'restore' && action !== 'save') {
    tree.error(members.get('action'), `cache/action must be restore or save, found "${action}"`)
  }
  return {
    paths: readTexts(tree, members.get('paths'), 'cache/paths'),
    key: readText(tree, members.get('key'), 'cache/key'),
    fallbackKeys: readTexts(tree, members.get('fallback-keys'), 'cache/fallback-keys'),
    action: action === 'restore' || action === 'save' ? action : undefined,
  }
}

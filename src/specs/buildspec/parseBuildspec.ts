// Parses a buildspec: everything that AWS accepts is accepted, every mistake is reported at its line and column.

import { isMap } from 'yaml'
import { readBatch } from './batch.ts'
import type { Buildspec, ParsedBuildspec } from './buildspec.ts'
import { readPhases } from './phases.ts'
import { readMembers, readText } from './read.ts'
import { readArtifacts, readCache, readEnv, readProxy, readReports } from './sections.ts'
import { readYaml } from './yamlTree.ts'

const KEYS = ['version', 'run-as', 'env', 'proxy', 'batch', 'phases', 'reports', 'artifacts', 'cache']

/**
 * Parses buildspec 0.1 or 0.2. `file` is the name in the diagnostics. An error's message is what the phase context of a
 * build says after YAML_FILE_ERROR; the first error counts.
 */
export function parseBuildspec(text: string, file = 'buildspec.yml'): ParsedBuildspec {
  const tree = readYaml(text.replace(/^\uFEFF/, ''), file)
  const failed = () => tree.diagnostics.some(diagnostic => diagnostic.severity === 'error')
  if (failed()) return { diagnostics: tree.diagnostics }
  // AWS: a file without a version, or that is no mapping, fails with `wrong number of container tags, expected 1`.
  if (!isMap(tree.root)) {
    tree.error(
      tree.root,
      'wrong number of container tags, expected 1 (a buildspec is a mapping that starts with version)',
    )
    return { diagnostics: tree.diagnostics }
  }
  const legacy = tree.entries(tree.root)?.some(entry => entry.key === 'environment_variables')
  const members = readMembers(tree, tree.root, 'the buildspec', legacy ? [...KEYS, 'environment_variables'] : KEYS)
  const version = readText(tree, members.get('version'), 'version')?.trim()
  if (version === undefined) {
    tree.error(
      members.keyNode('version') ?? tree.root,
      'wrong number of container tags, expected 1 (version is required)',
    )
  } else if (!isVersion(version)) {
    tree.error(members.get('version'), `unsupported buildspec version ${version}, use 0.2 (or 0.1)`)
  }
  if (!members.has('phases')) tree.warn(tree.root, 'there are no phases: the build runs no command')
  const buildspec: Buildspec = {
    version: version !== undefined && Number(version) === 0.1 ? '0.1' : '0.2',
    runAs: readText(tree, members.get('run-as'), 'run-as'),
    env: readEnv(tree, members.get('env'), members.get('environment_variables')),
    proxy: readProxy(tree, members.get('proxy')),
    batch: readBatch(tree, members.get('batch')),
    phases: readPhases(tree, members.get('phases')),
    reports: readReports(tree, members.get('reports')),
    artifacts: readArtifacts(tree, members.get('artifacts')),
    cache: readCache(tree, members.get('cache')),
  }
  return failed() ? { diagnostics: tree.diagnostics } : { buildspec, diagnostics: tree.diagnostics }
}

/** 0.1 and 0.2, as a number or a string. */
const isVersion = (text: string) => /^0\.[12]0*$/.test(text)

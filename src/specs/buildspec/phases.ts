// The phases of a buildspec: commands, finally, on-failure, run-as, runtime-versions.

import { isMap, isSeq, type Node } from 'yaml'
import { COMMAND_PHASES, type CommandPhase, type OnFailure, type PhaseSpec } from './buildspec.ts'
import { readMembers, readText, readTextMap } from './read.ts'
import { scalarText, type YamlTree } from './yamlTree.ts'

/** Why a build with `steps` fails. */
export const NO_ACTIONS = 'GitHub Actions are not supported by Codeyard, a build with them fails'

export function readPhases(tree: YamlTree, node: Node | null): Partial<Record<CommandPhase, PhaseSpec>> {
  const members = readMembers(tree, node, 'phases', COMMAND_PHASES)
  const phases: Partial<Record<CommandPhase, PhaseSpec>> = {}
  for (const name of COMMAND_PHASES) if (members.has(name)) phases[name] = readPhase(tree, members.get(name), name)
  return phases
}

function readPhase(tree: YamlTree, node: Node | null, name: CommandPhase): PhaseSpec {
  const known = ['run-as', 'on-failure', 'commands', 'finally', 'steps']
  if (name === 'install') known.push('runtime-versions')
  const members = readMembers(tree, node, `phases/${name}`, known)
  const steps = members.has('steps')
  // AWS: GitHub Actions are steps of a phase, instead of commands [action-github-buildspec].
  if (steps && members.has('commands'))
    tree.error(members.keyNode('steps'), `phases/${name} has both steps and commands, only one of them is allowed`)
  else if (steps) tree.warn(members.keyNode('steps'), `phases/${name}/steps: ${NO_ACTIONS}`)
  return {
    ...(steps && { steps: true }),
    runAs: readText(tree, members.get('run-as'), 'run-as'),
    onFailure: readOnFailure(tree, members.get('on-failure')),
    runtimeVersions: readTextMap(tree, members.get('runtime-versions'), 'runtime-versions'),
    commands: readCommands(tree, members.get('commands'), members.keyNode('commands')),
    finally: readCommands(tree, members.get('finally'), members.keyNode('finally')),
  }
}

// AWS: `Expected Commands[0] to be of string type: found subkeys instead at line 4, value of the key tag on line 3 might
// be empty` [troubleshooting]: a colon and a space in an unquoted command make it a mapping.
function readCommands(tree: YamlTree, node: Node | null, key: Node | undefined): string[] {
  if (!node) return []
  if (!isSeq(node)) {
    const text = scalarText(node)
    if (text === undefined && isMap(node)) {
      tree.error(node, `Expected Commands to be a list: found subkeys instead at line ${tree.line(node)}`)
    } else if (text !== undefined) tree.warn(key, 'commands should be a list')
    return text === undefined ? [] : [text]
  }
  return node.items.flatMap((raw, index) => {
    const item = tree.resolve(raw as Node)
    const line = tree.line(item)
    if (isMap(item)) {
      const tag = Math.max(line - 1, 1)
      tree.error(
        item,
        `Expected Commands[${index}] to be of string type: found subkeys instead at line ${line}, value of the key tag on line ${tag} might be empty`,
      )
      return []
    }
    if (isSeq(item)) {
      tree.error(item, `Expected Commands[${index}] to be of string type: found list instead at line ${line}`)
      return []
    }
    const text = scalarText(item)
    if (text === undefined || text.trim() === '') {
      tree.warn((raw as Node | null) ?? key, `Commands[${index}] is empty and is skipped`)
      return []
    }
    return [text]
  })
}

// AWS: ABORT, CONTINUE, RETRY (3 times, any message), RETRY-count (0 to 100), RETRY-regex, RETRY-count-regex; the word in
// any case [build-spec-ref, on-failure].
function readOnFailure(tree: YamlTree, node: Node | null): OnFailure | undefined {
  const text = readText(tree, node, 'on-failure')
  if (text === undefined) return undefined
  const word = text.toUpperCase()
  if (word === 'ABORT' || word === 'CONTINUE') return { action: word }
  const retry = /^retry(?:-(\d+))?(?:-(.+))?$/is.exec(text.trim())
  if (!retry) {
    tree.error(
      node,
      `on-failure must be ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or RETRY-count-regex, found "${text}"`,
    )
    return undefined
  }
  const count = retry[1] === undefined ? 3 : Number(retry[1])
  if (count > 100) tree.error(node, 'the count of on-failure RETRY must be between 0 and 100')
  const pattern = unquoted(retry[2] ?? '.*')
  try {
    new RegExp(pattern)
  } catch {
    tree.error(node, `the regular expression of on-failure is not valid: ${pattern}`)
    return undefined
  }
  return { action: 'RETRY', count, pattern }
}

const unquoted = (text: string) => (/^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text)

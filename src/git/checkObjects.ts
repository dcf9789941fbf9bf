// Before a push may change references: what its objects are, and whether their history is complete.

import { ZERO_ID } from './names.ts'
import type { Command } from './references.ts'
import { GitError, runGit } from './run.ts'

/** A command with what its new object is, as far as the owner needs it. */
export interface CheckedCommand extends Command {
  /** Of the new object; undefined for a deletion. */
  readonly type?: 'commit' | 'tag' | 'tree' | 'blob'
  /** What an annotated tag finally points to. */
  readonly peeled?: string
}

type Environment = Parameters<typeof runGit>[1]

/** What each new object is, with one process for all. */
export async function describe(commands: readonly Command[], env: Environment): Promise<CheckedCommand[]> {
  const ids = commands.map(command => command.new).filter(id => id !== ZERO_ID)
  if (ids.length === 0) return [...commands]
  const output = await runGit(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    ...env,
    input: ids.flatMap(id => [`${id}\n`, `${id}^{}\n`]).join(''),
  })
  const lines = output.toString('latin1').split('\n')
  const described = new Map(
    ids.map((id, index) => {
      const type = lines[index * 2]?.split(' ')[1]
      const peeled = lines[index * 2 + 1]?.split(' ')[0]
      return [id, { type, peeled }]
    }),
  )
  return commands.map(command => {
    const { type, peeled } = described.get(command.new) ?? {}
    if (type !== 'commit' && type !== 'tag' && type !== 'tree' && type !== 'blob') return command
    return { ...command, type, ...(type === 'tag' && peeled && { peeled }) }
  })
}

/** The commands whose history would have holes. All are asked at once; only a failure is looked at one by one. */
export async function incomplete(commands: readonly CheckedCommand[], env: Environment): Promise<CheckedCommand[]> {
  const changes = commands.filter(command => command.new !== ZERO_ID)
  const absent = changes.filter(command => command.type === undefined)
  const present = changes.filter(command => command.type !== undefined)
  if (await isConnected(present, env)) return absent
  if (present.length === 1) return changes
  const holes: CheckedCommand[] = []
  for (const command of present) if (!(await isConnected([command], env))) holes.push(command)
  return [...absent, ...holes]
}

async function isConnected(commands: readonly CheckedCommand[], env: Environment): Promise<boolean> {
  if (commands.length === 0) return true
  try {
    await runGit(['rev-list', '--objects', '--stdin', '--not', '--all', '--quiet'], {
      ...env,
      input: commands.map(command => `${command.new}\n`).join(''),
      deadline: 900_000,
    })
    return true
  } catch (error) {
    if (error instanceof GitError && error.exitCode !== null) return false
    throw error
  }
}

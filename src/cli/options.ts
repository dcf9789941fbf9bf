// Reads a command's options with node:util's parser; what is wrong is said with the command to ask for help.

import { parseArgs } from 'node:util'
import type { Command, Given } from './command.ts'

/** Wrong use: exit code 2. */
export class UsageError extends Error {}

export function readOptions(name: string, command: Command, argv: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([key, { type, multiple }]) => [key, { type, multiple: multiple ?? false }]),
  )
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, allowNegative: false })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. To specify')[0]} (see: codeyard ${name} --help)`)
  }
  if (parsed.positionals.length > (command.most ?? 0)) {
    throw new UsageError(`unexpected argument '${parsed.positionals.at(-1)}' (see: codeyard ${name} --help)`)
  }
  const text: Record<string, string | undefined> = {}
  const flag: Record<string, boolean> = {}
  const list: Record<string, readonly string[]> = {}
  for (const [key, { type, multiple }] of Object.entries(command.options)) {
    const value = parsed.values[key]
    if (multiple) list[key] = (value as string[] | undefined) ?? []
    else if (type === 'boolean') flag[key] = value === true
    else text[key] = value as string | undefined
  }
  return { text, flag, list, positionals: parsed.positionals }
}

/** A whole number between `least` and `most`, or `standard` when the option was not given. */
export function wholeNumber(
  value: string | undefined,
  standard: number,
  least: number,
  most: number,
  option: string,
): number {
  if (value === undefined) return standard
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not '${value}'`)
  }
  return number
}

/** `K=V` pairs; the value may hold further equals signs. */
export function pairs(values: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    values.map(value => {
      const at = value.indexOf('=')
      if (at < 1) throw new UsageError(`${option} takes NAME=VALUE, not '${value}'`)
      return [value.slice(0, at), value.slice(at + 1)]
    }),
  )
}

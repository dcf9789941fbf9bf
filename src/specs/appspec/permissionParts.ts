// The small languages inside `permissions`: modes, access control entries and SELinux ranges, with the agent's texts.

import type { AccessControlEntry } from './appspec.ts'

/** Thrown with the text that the agent reports. */
export class AppspecError extends Error {}

const UPDATE_PERMISSIONS = 'Update the permissions section of the AppSpec file, and then try again.'

/** Pads to three digits: `5` means 005. */
export function parseMode(value: unknown): string {
  const mode = String(value).padStart(3, '0')
  if (mode.length > 4) {
    throw new AppspecError(
      `The deployment failed because the length of a permissions mode (${mode}) in the application specification file is invalid. Permissions modes must be between one and four characters long. ${UPDATE_PERMISSIONS}`,
    )
  }
  const wrong = [...mode].find(char => char < '0' || char > '7')
  if (wrong !== undefined) {
    throw new AppspecError(
      `The deployment failed because the permissions mode (${mode}) in the application specification file contains an invalid character (${wrong}). ${UPDATE_PERMISSIONS}`,
    )
  }
  return mode
}

const ACE_TYPES: Readonly<Record<string, AccessControlEntry['type']>> = {
  u: 'user',
  user: 'user',
  g: 'group',
  group: 'group',
  m: 'mask',
  mask: 'mask',
  o: 'other',
  other: 'other',
}

/** `[d[efault]:][u|g|m|o:]name:rights`; rights are letters of rwx or one octal digit. `base` allows entries without a name. */
export function parseAce(text: string, base = false): AccessControlEntry {
  const invalid = (): never => {
    throw new AppspecError(
      `The deployment failed because of a problem with the acls permission settings in the application specification file. Invalid acl entry (${text}).`,
    )
  }
  const isDefaultWord = (word: string | undefined) => word === 'd' || word === 'default'
  const [rights = '', second = '', third, fourth, ...more] = text.split(':').reverse()
  if (!text.includes(':') || more.length > 0) invalid()
  if (fourth !== undefined && !isDefaultWord(fourth)) invalid()
  let isDefault = fourth !== undefined
  let type: AccessControlEntry['type'] | undefined
  if (third !== undefined) {
    if (isDefaultWord(third)) {
      if (isDefault) invalid()
      isDefault = true
    } else {
      type = ACE_TYPES[third] ?? invalid()
    }
  }
  let name = ''
  const bare = ACE_TYPES[second]
  if (bare === 'mask' || bare === 'other') {
    if (type === undefined) type = bare
    else name = bare
  } else {
    type ??= 'user'
    name = second
  }
  if ((type === 'mask' || type === 'other') && name !== '') invalid()
  if (!base && !isDefault && type !== 'mask' && name === '') {
    throw new AppspecError(
      `The deployment failed because of a problem with the acls permission settings in the application specification file. Use mode to set the base acl entry (${text}). ${UPDATE_PERMISSIONS}`,
    )
  }
  return { isDefault, type, name, rights: parseRights(text, rights) }
}

function parseRights(ace: string, rights: string): string {
  const write = (read: boolean, change: boolean, run: boolean) =>
    (read ? 'r' : '-') + (change ? 'w' : '-') + (run ? 'x' : '-')
  if (/^[0-7]$/.test(rights)) {
    const bits = Number(rights)
    return write((bits & 4) > 0, (bits & 2) > 0, (bits & 1) > 0)
  }
  const wrong = [...rights].find(char => !'rwx-'.includes(char))
  if (wrong !== undefined) {
    throw new AppspecError(
      `The deployment failed because the access control list (ACL) named ${ace} in the application specification file contains an invalid character (${wrong}). Correct the ACL in the hooks section of the AppSpec file, and then try again.`,
    )
  }
  return write(rights.includes('r'), rights.includes('w'), rights.includes('x'))
}

/** `s0-s1:c0.c3,c7`, normalised: one sensitivity when both are equal, neighbouring categories joined. */
export function parseRange(text: string): string {
  const [sensitivities = '', categories] = split(text, ':')
  const [low = '', high = low] = split(sensitivities, '-')
  const from = level(low, 's', 'sensitivity')
  const to = level(high, 's', 'sensitivity')
  if (to < from) {
    throw new AppspecError(
      `The deployment failed because of a problem with the SELinux range specified (${text}) for the context parameter in the permissions section of the application specification file. Make corrections in the permissions section of the AppSpec file, and then try again.`,
    )
  }
  const sensitivity = from === to ? `s${from}` : `s${from}-s${to}`
  return categories === undefined ? sensitivity : `${sensitivity}:${joinCategories(categories)}`
}

function joinCategories(text: string): string {
  const numbers = text
    .split(',')
    .flatMap(part => {
      const [low = '', high = low] = split(part, '.')
      const [from, to] = [level(low, 'c', 'category'), level(high, 'c', 'category')]
      if (to < from) throw new AppspecError(`invalid category range ${low}.${high}`)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    })
    .sort((a, b) => a - b)
  if (new Set(numbers).size !== numbers.length) throw new AppspecError('duplicate categories')
  const runs: [number, number][] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else runs.push([number, number])
  }
  return runs.map(([from, to]) => (from === to ? `c${from}` : `c${from}.c${to}`)).join(',')
}

function split(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  const parts = at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
  if (parts.some(part => part === '')) throw new AppspecError(`invalid range part ${text}`)
  return parts
}

function level(text: string, letter: 's' | 'c', what: 'sensitivity' | 'category'): number {
  const digits = text.startsWith(letter) ? text.slice(1) : ''
  if (!/^[0-9]+$/.test(digits) || (letter === 'c' && Number(digits) > 1023))
    throw new AppspecError(`invalid ${what} ${text}`)
  return Number(digits)
}

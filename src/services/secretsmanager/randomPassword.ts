// Random passwords: characters of the wanted kinds, at least one of each when that is asked for.

import type { GetRandomPasswordCommandInput } from '@aws-sdk/client-secrets-manager'
import type { Ids } from '../../core/ids.ts'
import { invalidParameter } from './errors.ts'

const LENGTH = 32
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
// AWS: the punctuation of GetRandomPassword [its reference].
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

export function randomPassword(ids: Ids, input: GetRandomPasswordCommandInput): string {
  const length = input.PasswordLength ?? LENGTH
  const excluded = new Set(input.ExcludeCharacters ?? '')
  const kinds = [
    input.ExcludeLowercase ? '' : LOWER,
    input.ExcludeUppercase ? '' : LOWER.toUpperCase(),
    input.ExcludeNumbers ? '' : '0123456789',
    input.ExcludePunctuation ? '' : PUNCTUATION,
    input.IncludeSpace ? ' ' : '',
  ]
    .map(kind => [...kind].filter(char => !excluded.has(char)).join(''))
    .filter(kind => kind !== '')
  if (kinds.length === 0) invalidParameter('No characters are left for the password: exclude less.')
  const required = (input.RequireEachIncludedType ?? true) ? kinds.map(kind => ids.text(1, kind)) : []
  if (required.length > length)
    invalidParameter(`PasswordLength ${length} is too short for one character of each of ${required.length} types.`)
  const rest = ids.text(length - required.length, kinds.join(''))
  // Shuffled by random keys, so that the required ones are anywhere.
  return [...required, ...rest]
    .map(char => ({ char, key: ids.text(16) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ char }) => char)
    .join('')
}

import { expect, test } from 'vitest'
import { jsonValue, readSecretReference } from './secretReference.ts'

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app/db-AbCdEf'

test.each([
  ['app/db', { id: 'app/db' }],
  ['app/db:password', { id: 'app/db', jsonKey: 'password' }],
  ['app/db::AWSPREVIOUS', { id: 'app/db', stage: 'AWSPREVIOUS' }],
  ['app/db:password::v1', { id: 'app/db', jsonKey: 'password', versionId: 'v1' }],
  [ARN, { id: ARN }],
  [`${ARN}:password:blue:v1`, { id: ARN, jsonKey: 'password', stage: 'blue', versionId: 'v1' }],
])('%s is read', (text, reference) => {
  expect(readSecretReference(text)).toEqual(reference)
})

test('a JSON key is a text as it is, anything else its JSON; what is not there is undefined', () => {
  const text = '{"a":"x","n":5,"o":{"b":1}}'
  expect(['a', 'n', 'o', 'none', 'toString'].map(key => jsonValue(text, key))).toEqual([
    'x',
    '5',
    '{"b":1}',
    undefined,
    undefined,
  ])
  expect(jsonValue('no json', 'a')).toBeUndefined()
})

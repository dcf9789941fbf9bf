// The exceptions of EventBridge, with the sentences that it repeats.

import { failWith } from '../../operation/fail.ts'

export const fail = failWith<'events', 'ValidationException'>()

export const invalid = (message: string) => fail('ValidationException', message)
export const noSuchBus = (name: string) => fail('ResourceNotFoundException', `Event bus ${name} does not exist.`)
export const noSuchRule = (name: string, bus: string) =>
  fail('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`)
export const invalidToken = () => invalid('NextToken is invalid.')

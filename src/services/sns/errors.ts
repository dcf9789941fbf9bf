// The exceptions of SNS, with the sentences that it repeats.

import { failWith } from '../../operation/fail.ts'

export const fail = failWith<'sns'>()

/** AWS puts "Invalid parameter: " before nearly everything that it refuses. */
export const invalid = (what: string) => fail('InvalidParameterException', `Invalid parameter: ${what}`)
export const invalidValue = (message: string) => fail('InvalidParameterValueException', message)
export const noSuchTopic = () => fail('NotFoundException', 'Topic does not exist')
export const noSuchSubscription = () => fail('NotFoundException', 'Subscription does not exist')

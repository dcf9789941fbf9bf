// GetRandomPassword.

import type { Handler } from '../../../../operation/handler.ts'
import { randomPassword } from '../../randomPassword.ts'

export const getRandomPassword: Handler<'secretsmanager', 'GetRandomPassword'> = async (call, input) => ({
  RandomPassword: randomPassword(call.ids, input),
})

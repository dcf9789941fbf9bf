// GetApplication: what is known of one application.

import type { Handler } from '../../../../operation/handler.ts'
import { applicationInfo, findApplication } from '../../applications.ts'

export const getApplication: Handler<'codedeploy', 'GetApplication'> = async ({ tx, scope }, input) => ({
  application: applicationInfo(await findApplication(tx, scope, input.applicationName)),
})

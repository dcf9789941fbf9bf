// ListSourceCredentials: which kinds of providers have a credential; never the credential.

import type { Handler } from '../../../../operation/handler.ts'
import { credentialShape, listCredentials } from '../../providers/credentials.ts'

export const listSourceCredentials: Handler<'codebuild', 'ListSourceCredentials'> = async ({ tx, scope }) => ({
  sourceCredentialsInfos: (await listCredentials(tx, scope)).map(row => credentialShape(scope, row)),
})

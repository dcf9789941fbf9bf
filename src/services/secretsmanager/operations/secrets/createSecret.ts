// CreateSecret: a new secret, with its first version when there is a value.

import type { CreateSecretCommandInput } from '@aws-sdk/client-secrets-manager'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { checkKeyAccess, namedKey } from '../../encryption.ts'
import { fail, invalidRequest } from '../../errors.ts'
import { checkWanted } from '../../notThere.ts'
import { findSecret, insertSecret, lockSecret, type SecretRow } from '../../secrets.ts'
import { identity } from '../../shape.ts'
import { CURRENT } from '../../stages.ts'
import { withTags } from '../../tags.ts'
import { findVersion, readValue, storeVersion } from '../../versions.ts'

export const createSecret: Handler<'secretsmanager', 'CreateSecret'> = async (call, input) => {
  const { Name: name, ClientRequestToken: token = call.ids.uuid() } = input
  if (!/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) {
    fail(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    )
  }
  checkWanted(input)
  const value = readValue(input)
  const secret: SecretRow = {
    ...call.scope,
    name,
    suffix: call.ids.text(6),
    description: input.Description ?? null,
    tags: withTags({}, input.Tags),
    policy: null,
    created_at: call.now,
    changed_at: call.now,
    accessed_at: null,
    delete_after: null,
    kms_key_id: namedKey(input.KmsKeyId),
  }
  const isNew = await insertSecret(call.tx, secret)
  const stored = isNew ? await lockSecret(call.tx, call.scope, name) : await presentSecret(call, input, token)
  if (isNew && stored.kms_key_id !== null) await checkKeyAccess(call, stored)
  if (!value) return identity(stored)
  await storeVersion(call, stored, { id: token, value, stages: [CURRENT] })
  return { ...identity(stored), VersionId: token }
}

/** The secret of that name, when this is the same request once more; refuses otherwise. */
async function presentSecret(call: Call, { Name: name }: CreateSecretCommandInput, token: string): Promise<SecretRow> {
  const secret = (await findSecret(call.tx, call.scope, name!))!
  if (secret.delete_after)
    invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
  if (await findVersion(call.tx, secret, { id: token })) return secret
  return fail('ResourceExistsException', `The operation failed because the secret ${name} already exists.`)
}

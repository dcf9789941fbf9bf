// Secrets Manager: secrets, their versions and staging labels. Every operation of its model, and why some are not there.

import { parseArn } from '../../core/arn.ts'
import { ServiceError } from '../../core/serviceError.ts'
import { allNotSupported, defineService, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import {
  deleteResourcePolicy,
  getResourcePolicy,
  putResourcePolicy,
  validateResourcePolicy,
} from './operations/policies/resourcePolicies.ts'
import { createSecret } from './operations/secrets/createSecret.ts'
import { deleteSecret, restoreSecret } from './operations/secrets/deleteSecret.ts'
import { describeSecret } from './operations/secrets/describeSecret.ts'
import { listSecrets } from './operations/secrets/listSecrets.ts'
import { tagResource, untagResource } from './operations/secrets/tags.ts'
import { updateSecret } from './operations/secrets/updateSecret.ts'
import { batchGetSecretValue } from './operations/values/batchGetSecretValue.ts'
import { getRandomPassword } from './operations/values/getRandomPassword.ts'
import { getSecretValue } from './operations/values/getSecretValue.ts'
import { putSecretValue } from './operations/values/putSecretValue.ts'
import { listSecretVersionIds, updateSecretVersionStage } from './operations/values/versions.ts'
import { findSecret } from './secrets.ts'
import { tasks } from './tasks.ts'

export const secretsmanager = defineService<'secretsmanager'>({
  name: 'secretsmanager',
  principal: 'secretsmanager.amazonaws.com',
  access,
  constraintError(_operation, { path, kind }) {
    // AWS: as in [moto, tests/test_secretsmanager].
    return path === 'clientRequestToken' && kind === 'length'
      ? new ServiceError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.')
      : undefined
  },
  async resourcePolicy(tx, arn) {
    const { account, region } = parseArn(arn) ?? {}
    if (!account || !region) return undefined
    return (await findSecret(tx, { account, region }, arn))?.policy ?? undefined
  },
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  operations: {
    CreateSecret: write(createSecret),
    UpdateSecret: write(updateSecret),
    DescribeSecret: read(describeSecret),
    ListSecrets: read(listSecrets),
    DeleteSecret: write(deleteSecret),
    RestoreSecret: write(restoreSecret),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    GetSecretValue: read(getSecretValue),
    BatchGetSecretValue: read(batchGetSecretValue),
    PutSecretValue: write(putSecretValue),
    ListSecretVersionIds: read(listSecretVersionIds),
    UpdateSecretVersionStage: write(updateSecretVersionStage),
    GetRandomPassword: read(getRandomPassword),
    PutResourcePolicy: write(putResourcePolicy),
    GetResourcePolicy: read(getResourcePolicy),
    DeleteResourcePolicy: write(deleteResourcePolicy),
    ValidateResourcePolicy: read(validateResourcePolicy),
    ...allNotSupported(
      ['RotateSecret', 'CancelRotateSecret'],
      'rotation runs Lambda functions, which are not there: put new values with PutSecretValue',
    ),
    ...allNotSupported(
      ['ReplicateSecretToRegions', 'RemoveRegionsFromReplication', 'StopReplicationToReplica'],
      'secrets are not replicated to other regions',
    ),
  },
})

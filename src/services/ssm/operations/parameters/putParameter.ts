// PutParameter: a new parameter, or with Overwrite a new version of one that is there.

import type { PutParameterCommandInput } from '@aws-sdk/client-ssm'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { announce } from '../../announce.ts'
import { fail, invalid } from '../../errors.ts'
import { checkNewName, readName } from '../../names.ts'
import { checkDataType, checkPattern, checkPolicies, keyOf, tierOf } from '../../newValue.ts'
import {
  currentVersions,
  deleteVersion,
  insertParameter,
  insertVersion,
  lockParameter,
  oldestVersion,
  requireLocked,
  type VersionRow,
} from '../../parameters.ts'
import { tagMap } from '../../tags.ts'
import { sealValue } from '../../values.ts'

/** AWS: the 100 most recent versions are kept. */
const VERSIONS = 100

export const putParameter: Handler<'ssm', 'PutParameter'> = async (call, input) => {
  const names = readName(call.scope, input.Name)
  if (input.Value === '') {
    // AWS: its usual sentence about a broken constraint.
    invalid(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    )
  }
  if (input.Overwrite && input.Tags?.length) {
    // AWS: as in [moto, tests/test_ssm].
    invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    )
  }
  checkPolicies(input.Policies)
  const present = (await lockParameter(call.tx, call.scope, names)) ?? (await createParameter(call, input, names[0]!))
  if (!('name' in present)) return present
  if (!input.Overwrite) alreadyExists()
  const [before] = await currentVersions(call.tx, call.scope, [present.name])
  const row = await versionOf(call, input, present.name, before)
  await dropOldest(call, present.name)
  await insertVersion(call.tx, call.scope, row)
  await announce(call, 'Update', row)
  return { Version: row.version, Tier: row.tier }
}

/** The answer; or the parameter, locked, when somebody else made it in the meantime. */
async function createParameter(call: Call, input: PutParameterCommandInput, name: string) {
  checkNewName(name)
  if (!input.Type) invalid('A parameter type is required when you create a parameter.')
  const row = await versionOf(call, input, name, undefined)
  if (!(await insertParameter(call.tx, call.scope, name, tagMap(input.Tags))))
    return requireLocked(call.tx, call.scope, [name], name)
  await insertVersion(call.tx, call.scope, row)
  await announce(call, 'Create', row)
  return { Version: row.version, Tier: row.tier }
}

// AWS: as many reports of PutParameter show it.
const alreadyExists = () =>
  fail(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  )

/** The next version: what the request leaves out stays as it was. */
async function versionOf(
  call: Call,
  input: PutParameterCommandInput,
  name: string,
  before: VersionRow | undefined,
): Promise<Omit<VersionRow, 'labels'>> {
  const type = input.Type ?? before!.type
  if (before && before.type !== type) {
    fail(
      'HierarchyTypeMismatchException',
      `The type of ${name} is ${before.type} and can not be changed to ${type}: create a new parameter`,
    )
  }
  const value = input.Value!
  const dataType = input.DataType ?? before?.data_type ?? 'text'
  checkDataType(dataType)
  const pattern = input.AllowedPattern ?? before?.allowed_pattern ?? null
  if (pattern) checkPattern(pattern, value)
  const version = (before?.version ?? 0) + 1
  const place = { name, key_id: keyOf(type, input.KeyId), tier: tierOf(input.Tier, before?.tier, value) }
  return {
    ...place,
    version,
    type,
    ...(type === 'SecureString' ? await sealValue(call, place, value) : { value, sealed_by: null }),
    data_type: dataType,
    description: input.Description ?? before?.description ?? null,
    allowed_pattern: pattern,
    modified_at: call.now,
    modified_by: principalArn(call.principal),
  }
}

async function dropOldest(call: Call, name: string): Promise<void> {
  const oldest = await oldestVersion(call.tx, call.scope, name)
  if (!oldest || oldest.count < VERSIONS) return
  if (oldest.labels.length > 0) {
    // AWS: as the model documents ParameterMaxVersionLimitExceeded.
    fail(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    )
  }
  await deleteVersion(call.tx, call.scope, name, oldest.version)
}

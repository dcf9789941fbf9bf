// How parameters look in answers.

import type { Parameter, ParameterHistory, ParameterMetadata } from '@aws-sdk/client-ssm'
import type { CallContext } from '../../operation/call.ts'
import { parameterArn } from './names.ts'
import type { VersionRow } from './parameters.ts'
import { shownValue } from './values.ts'

export async function parameterShape(
  call: CallContext,
  row: VersionRow,
  { decrypt, selector }: { decrypt: boolean | undefined; selector?: string },
): Promise<Parameter> {
  return {
    Name: row.name,
    Type: row.type,
    Value: await shownValue(call, row, decrypt),
    Version: row.version,
    ...(selector && { Selector: selector }),
    LastModifiedDate: row.modified_at,
    ARN: parameterArn(call.scope, row.name),
    DataType: row.data_type,
  }
}

const described = (row: VersionRow) => ({
  Name: row.name,
  Type: row.type,
  ...(row.key_id !== null && { KeyId: row.key_id }),
  LastModifiedDate: row.modified_at,
  LastModifiedUser: row.modified_by,
  ...(row.description !== null && { Description: row.description }),
  ...(row.allowed_pattern !== null && { AllowedPattern: row.allowed_pattern }),
  Version: row.version,
  Tier: row.tier,
  Policies: [],
  DataType: row.data_type,
})

export const metadataShape = (call: CallContext, row: VersionRow): ParameterMetadata => ({
  ...described(row),
  ARN: parameterArn(call.scope, row.name),
})

export const historyShape = async (
  call: CallContext,
  row: VersionRow,
  decrypt: boolean | undefined,
): Promise<ParameterHistory> => ({
  ...described(row),
  Value: await shownValue(call, row, decrypt),
  Labels: row.labels,
})

/** Of one row after the other: a connection answers one question at a time. */
export async function shapes<Row, Shape>(rows: readonly Row[], shape: (row: Row) => Promise<Shape>): Promise<Shape[]> {
  const all: Shape[] = []
  for (const row of rows) all.push(await shape(row))
  return all
}

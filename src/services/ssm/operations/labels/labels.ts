// LabelParameterVersion and UnlabelParameterVersion: names for versions; a label is at one version at a time.

import type { Handler } from '../../../../operation/handler.ts'
import { announce } from '../../announce.ts'
import { fail, noSuchVersion } from '../../errors.ts'
import { readName } from '../../names.ts'
import { historyOf, requireLocked, saveLabels } from '../../parameters.ts'

/** AWS: a version has at most 10 labels [sysman-paramstore-labels]. */
const MOST = 10
const ALL_VERSIONS = 200

export const labelParameterVersion: Handler<'ssm', 'LabelParameterVersion'> = async (call, input) => {
  const parameter = await requireLocked(call.tx, call.scope, readName(call.scope, input.Name), input.Name)
  const wanted = input.ParameterVersion ?? parameter.version
  const versions = await historyOf(call.tx, call.scope, parameter.name, 0, ALL_VERSIONS)
  const target = versions.find(row => row.version === wanted) ?? noSuchVersion(parameter.name, wanted)
  const asked = [...new Set(input.Labels)]
  const labels = asked.filter(isLabel)
  const together = [...new Set([...target.labels, ...labels])]
  if (together.length > MOST) {
    // AWS: as in [moto, tests/test_ssm].
    fail(
      'ParameterVersionLabelLimitExceeded',
      'A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.',
    )
  }
  for (const row of versions) {
    const kept = row === target ? together : row.labels.filter(label => !labels.includes(label))
    if (kept.length !== row.labels.length)
      await saveLabels(call.tx, call.scope, row.name, { version: row.version, labels: kept })
  }
  if (labels.length > 0) await announce(call, 'LabelParameterVersion', target)
  return { InvalidLabels: asked.filter(label => !isLabel(label)), ParameterVersion: wanted }
}

export const unlabelParameterVersion: Handler<'ssm', 'UnlabelParameterVersion'> = async (call, input) => {
  const parameter = await requireLocked(call.tx, call.scope, readName(call.scope, input.Name), input.Name)
  const [row] = await historyOf(call.tx, call.scope, parameter.name, input.ParameterVersion - 1, 1)
  if (row?.version !== input.ParameterVersion) return noSuchVersion(parameter.name, input.ParameterVersion)
  const asked = [...new Set(input.Labels)]
  const removed = asked.filter(label => row.labels.includes(label))
  await saveLabels(call.tx, call.scope, row.name, {
    version: row.version,
    labels: row.labels.filter(label => !removed.includes(label)),
  })
  return { RemovedLabels: removed, InvalidLabels: asked.filter(label => !removed.includes(label)) }
}

// AWS: letters, numbers, `.-_`; not beginning with a number, "aws" or "ssm" [sysman-paramstore-labels].
const isLabel = (label: string) => /^[A-Za-z_.-][A-Za-z0-9_.-]*$/.test(label) && !/^(aws|ssm)/i.test(label)

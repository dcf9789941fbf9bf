// What a batch is defined by: a build's definition under the overrides of StartBuildBatch, and the configuration of batches.

import type {
  ProjectBuildBatchConfig,
  StartBuildBatchCommandInput,
  StartBuildCommandInput,
} from '@aws-sdk/client-codebuild'
import type { BuildDefinition } from '../definition.ts'
import { fail } from '../errors.ts'
import { overriddenDefinition } from '../overrides.ts'
import type { ProjectRow } from '../projects.ts'
import { batchConfigWithDefaults, validateBatchConfig } from './config.ts'

export interface BatchDefinition extends BuildDefinition {
  readonly buildBatchConfig: ProjectBuildBatchConfig & { readonly serviceRole: string }
}

/** The definition of a new batch; fails with InvalidInputException for overrides that do not fit. */
export function batchDefinition(
  project: ProjectRow,
  input: StartBuildBatchCommandInput,
  initiator: string,
): BatchDefinition {
  const { buildTimeoutInMinutesOverride, reportBuildBatchStatusOverride, buildBatchConfigOverride, ...shared } = input
  const overrides: StartBuildCommandInput = {
    ...shared,
    ...(buildTimeoutInMinutesOverride !== undefined && { timeoutInMinutesOverride: buildTimeoutInMinutesOverride }),
    ...(reportBuildBatchStatusOverride !== undefined && {
      reportBuildStatusOverride: reportBuildBatchStatusOverride,
    }),
  }
  const config = { ...project.definition.buildBatchConfig, ...defined(buildBatchConfigOverride ?? {}) }
  if (!config.serviceRole) {
    return fail(
      'InvalidInputException',
      `Invalid project: ${project.name} has no batch configuration with a service role (buildBatchConfig.serviceRole)`,
    )
  }
  validateBatchConfig(config)
  return {
    ...overriddenDefinition(project, overrides, initiator),
    buildBatchConfig: batchConfigWithDefaults({ ...config, serviceRole: config.serviceRole }),
  }
}

const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T

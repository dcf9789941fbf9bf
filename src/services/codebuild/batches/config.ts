// A project's configuration of batches: what may be in it, and what AWS fills in.

import type { ProjectBuildBatchConfig } from '@aws-sdk/client-codebuild'
import { fail } from '../errors.ts'

// AWS: what a configuration without them shows [CLI example of start-build-batch].
const MOST_BUILDS = 100
const TIMEOUT_MINUTES = 480

export function batchConfigWithDefaults<C extends ProjectBuildBatchConfig>(config: C): C {
  return {
    ...config,
    restrictions: {
      ...config.restrictions,
      maximumBuildsAllowed: config.restrictions?.maximumBuildsAllowed ?? MOST_BUILDS,
    },
    timeoutInMins: config.timeoutInMins ?? TIMEOUT_MINUTES,
  }
}

/** Fails with InvalidInputException for a configuration that can not be one. */
export function validateBatchConfig(config: ProjectBuildBatchConfig | undefined): void {
  const { restrictions, timeoutInMins, serviceRole } = config ?? {}
  if (serviceRole !== undefined && !/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(serviceRole))
    fail('InvalidInputException', `Invalid batch service role: ${serviceRole} is not the ARN of a role`)
  const most = restrictions?.maximumBuildsAllowed
  if (most !== undefined && (most < 1 || most > MOST_BUILDS))
    fail(
      'InvalidInputException',
      `Invalid batch restrictions: maximumBuildsAllowed must be between 1 and ${MOST_BUILDS}`,
    )
  // AWS: 5 minutes to 36 hours, as a build's own timeout.
  if (timeoutInMins !== undefined && (timeoutInMins < 5 || timeoutInMins > 2160))
    fail('InvalidInputException', 'Invalid batch timeout: timeoutInMins must be between 5 and 2160')
}

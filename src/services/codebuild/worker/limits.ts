// What a compute type is in processors and memory.

import type { ProjectEnvironment } from '@aws-sdk/client-codebuild'
import type { SandboxSpec } from '../../../sandbox/sandbox.ts'

const GB = 1024 ** 3

// AWS: vCPUs and memory of the compute types [build-env-ref-compute-types].
const COMPUTE: Readonly<Record<string, { cpus: number; memoryBytes: number }>> = {
  BUILD_GENERAL1_SMALL: { cpus: 2, memoryBytes: 3 * GB },
  BUILD_GENERAL1_MEDIUM: { cpus: 4, memoryBytes: 7 * GB },
  BUILD_GENERAL1_LARGE: { cpus: 8, memoryBytes: 15 * GB },
  BUILD_GENERAL1_XLARGE: { cpus: 36, memoryBytes: 72 * GB },
  BUILD_GENERAL1_2XLARGE: { cpus: 72, memoryBytes: 144 * GB },
}

/** The limits of the compute type; with ATTRIBUTE_BASED_COMPUTE (or CUSTOM) those that the configuration names, memory in GB. */
export function limitsOf({ computeType, computeConfiguration }: ProjectEnvironment): SandboxSpec['limits'] {
  const { vCpu, memory } = computeConfiguration ?? {}
  if (vCpu === undefined && memory === undefined) return COMPUTE[computeType ?? '']
  return { ...(vCpu && { cpus: vCpu }), ...(memory && { memoryBytes: memory * GB }) }
}

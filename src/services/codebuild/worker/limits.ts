// What a compute type is in processors and memory.

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

export const limitsOf = (computeType: string | undefined): SandboxSpec['limits'] => COMPUTE[computeType ?? '']

// What a compute type is in processors, memory, disk and processes.

import type { ProjectEnvironment } from '@aws-sdk/client-codebuild'
import type { SandboxLimits } from '../../../sandbox/sandbox.ts'

const GB = 1024 ** 3

/** Processes and threads for each processor: what no build needs and no machine suffers from. AWS names no limit. */
const PROCESSES = 1024

type Size = readonly [cpus: number, memoryInGiB: number, diskInGB: number]

// AWS: "About on-demand environment types" [build-env-ref-compute-types].
const LINUX: Readonly<Record<string, Size>> = {
  BUILD_GENERAL1_SMALL: [2, 4, 64],
  BUILD_GENERAL1_MEDIUM: [4, 8, 128],
  BUILD_GENERAL1_LARGE: [8, 16, 128],
  BUILD_GENERAL1_XLARGE: [36, 72, 256],
  BUILD_GENERAL1_2XLARGE: [72, 144, 824],
}
const ARM: Readonly<Record<string, Size>> = {
  ...LINUX,
  BUILD_GENERAL1_XLARGE: [32, 64, 256],
  BUILD_GENERAL1_2XLARGE: [48, 96, 824],
}

/** The limits of the compute type; with ATTRIBUTE_BASED_COMPUTE (or CUSTOM) those that the configuration names: memory in GiB, disk in GB. */
export function limitsOf({ type, computeType, computeConfiguration }: ProjectEnvironment): SandboxLimits {
  const { vCpu, memory, disk } = computeConfiguration ?? {}
  const named = vCpu !== undefined || memory !== undefined || disk !== undefined
  const size = (type === 'ARM_CONTAINER' ? ARM : LINUX)[computeType ?? ''] ?? []
  const [cpus, gib, gb] = named ? [vCpu, memory, disk] : size
  return {
    ...(cpus && { cpus }),
    ...(gib && { memoryBytes: gib * GB }),
    ...(gb && { diskBytes: gb * 1e9 }),
    processes: PROCESSES * Math.max(4, cpus ?? 0),
  }
}

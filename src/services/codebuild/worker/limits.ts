// What a compute type is in processors and memory.

import type { ProjectEnvironment } from '@aws-sdk/client-codebuild'
import type { SandboxSpec } from '../../../sandbox/sandbox.ts'

const GB = 1024 ** 3

type Size = readonly [cpus: number, memoryInGiB: number]

// AWS: "About on-demand environment types" [build-env-ref-compute-types].
const LINUX: Readonly<Record<string, Size>> = {
  BUILD_GENERAL1_SMALL: [2, 4],
  BUILD_GENERAL1_MEDIUM: [4, 8],
  BUILD_GENERAL1_LARGE: [8, 16],
  BUILD_GENERAL1_XLARGE: [36, 72],
  BUILD_GENERAL1_2XLARGE: [72, 144],
}
const ARM: Readonly<Record<string, Size>> = {
  ...LINUX,
  BUILD_GENERAL1_XLARGE: [32, 64],
  BUILD_GENERAL1_2XLARGE: [48, 96],
}

/** The limits of the compute type; with ATTRIBUTE_BASED_COMPUTE (or CUSTOM) those that the configuration names, memory in GiB. */
export function limitsOf({ type, computeType, computeConfiguration }: ProjectEnvironment): SandboxSpec['limits'] {
  const { vCpu, memory } = computeConfiguration ?? {}
  if (vCpu !== undefined || memory !== undefined)
    return { ...(vCpu && { cpus: vCpu }), ...(memory && { memoryBytes: memory * GB }) }
  const [cpus, gib] = (type === 'ARM_CONTAINER' ? ARM : LINUX)[computeType ?? ''] ?? []
  return cpus && gib ? { cpus, memoryBytes: gib * GB } : undefined
}

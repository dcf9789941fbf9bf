// What an account's concurrency is counted by: the environments of AWS's quotas, `Concurrently running builds for Linux/Small environment`.

import type { ProjectEnvironment } from '@aws-sdk/client-codebuild'

const SYSTEMS: Readonly<Record<string, string>> = {
  LINUX_CONTAINER: 'Linux',
  ARM_CONTAINER: 'ARM',
  LINUX_EC2: 'Linux EC2',
  ARM_EC2: 'ARM EC2',
}
const SIZES: Readonly<Record<string, string>> = {
  BUILD_GENERAL1_SMALL: 'Small',
  BUILD_GENERAL1_MEDIUM: 'Medium',
  BUILD_GENERAL1_LARGE: 'Large',
  BUILD_GENERAL1_XLARGE: 'XLarge',
  BUILD_GENERAL1_2XLARGE: '2XLarge',
  ATTRIBUTE_BASED_COMPUTE: 'Custom',
  CUSTOM_INSTANCE_TYPE: 'Custom',
}

/** `Linux/Small` */
export function kindOf({ type, computeType }: Partial<ProjectEnvironment>): string {
  return `${SYSTEMS[type ?? ''] ?? type}/${SIZES[computeType ?? ''] ?? computeType}`
}

const KIND = new RegExp(
  `^(?:\\*|(?:${Object.values(SYSTEMS).join('|')})/(?:${[...new Set(Object.values(SIZES))].join('|')}))$`,
)

/** `20` (of each kind) or `Linux/Small=2,ARM/Large=1` as limits by kind; a sentence about what is wrong with it. */
export function readLimits(text: string): ReadonlyMap<string, number> | string {
  const limits = new Map<string, number>()
  for (const part of text.split(',')) {
    const [, kind = '*', most = ''] = /^(?:(.+)=)?(\d+)$/.exec(part.trim()) ?? []
    if (most === '') return `'${part}' is no limit: use 20, or Linux/Small=20,ARM/Large=5`
    if (!KIND.test(kind)) return `'${kind}' is no environment: use for example Linux/Small, Linux/Large or ARM/Medium`
    limits.set(kind, Number(most))
  }
  return limits
}

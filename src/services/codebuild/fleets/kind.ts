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

/** Whether builds can be of that kind; `*` is any. */
export const isKind = (text: string): boolean => KIND.test(text)

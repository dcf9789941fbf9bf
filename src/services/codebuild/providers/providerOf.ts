// Which API a kind of provider speaks.

import { bitbucket } from './bitbucket.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import type { ProviderType } from './hosts.ts'
import type { Provider } from './provider.ts'

export function providerOf(type: ProviderType): Provider {
  if (type === 'BITBUCKET') return bitbucket
  return type === 'GITHUB' || type === 'GITHUB_ENTERPRISE' ? github : gitlab
}

// The action providers that are carried out. Other action types of AWS are refused by name when a pipeline is made.

import type { ActionTypeId } from '../../../specs/pipeline/declaration.ts'
import { codebuildBuild, codebuildTest } from './codebuild.ts'
import { codecommitSource } from './codecommitSource.ts'
import { codedeployDeploy } from './codedeploy.ts'
import { manualApproval } from './manualApproval.ts'
import type { ActionProvider } from './provider.ts'
import { s3Source } from './s3Source.ts'

const providers: readonly ActionProvider[] = [
  codecommitSource,
  s3Source,
  codebuildBuild,
  codebuildTest,
  codedeployDeploy,
  manualApproval,
]

export function findProvider({ category, owner, provider }: ActionTypeId): ActionProvider | undefined {
  if (owner !== 'AWS') return undefined
  return providers.find(one => one.category === category && one.provider === provider)
}

/** For messages: `Source CodeCommit, Source S3, ...`. */
export const supportedActions = providers.map(({ category, provider }) => `${category} ${provider}`).join(', ')

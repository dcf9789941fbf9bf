// Every AWS service in the house and the SDK package whose types it speaks. Types only: nothing is loaded here.

import type { InternalCodeBuild } from './internalCodeBuild.ts'
import type { InternalCodeCommit } from './internalCodeCommit.ts'
import type { InternalLogs } from './internalLogs.ts'
import type { OperationsOf } from './types.ts'

export interface Sdks {
  cloudtrail: typeof import('@aws-sdk/client-cloudtrail')
  cloudwatch: typeof import('@aws-sdk/client-cloudwatch')
  codebuild: typeof import('@aws-sdk/client-codebuild') & InternalCodeBuild
  codecommit: typeof import('@aws-sdk/client-codecommit') & InternalCodeCommit
  codedeploy: typeof import('@aws-sdk/client-codedeploy')
  codepipeline: typeof import('@aws-sdk/client-codepipeline')
  events: typeof import('@aws-sdk/client-eventbridge')
  iam: typeof import('@aws-sdk/client-iam')
  kms: typeof import('@aws-sdk/client-kms')
  logs: typeof import('@aws-sdk/client-cloudwatch-logs') & InternalLogs
  s3: typeof import('@aws-sdk/client-s3')
  secretsmanager: typeof import('@aws-sdk/client-secrets-manager')
  sns: typeof import('@aws-sdk/client-sns')
  ssm: typeof import('@aws-sdk/client-ssm')
  sts: typeof import('@aws-sdk/client-sts')
}

export type ServiceName = keyof Sdks
export type Operations<S extends ServiceName> = OperationsOf<Sdks[S]>

/** Calls one operation of any service in process; throws ServiceError as the wire would answer it. */
export type Invoke = <S extends ServiceName, O extends keyof Operations<S> & string>(
  service: S,
  operation: O,
  input: Operations<S>[O] extends { input: infer I } ? I : never,
) => Promise<Operations<S>[O] extends { output: infer R } ? R : never>

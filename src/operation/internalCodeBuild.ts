// Operations of CodeBuild that AWS has and no SDK: the permissions a build's role needs for its reports. They are reached in process only.

import type { Handler as SdkHandler } from '@smithy/types'

type Internal<I extends object, O extends object> = abstract new (
  ...args: any[]
) => { input: I; resolveMiddleware(stack: any, config: any, options: any): SdkHandler<I, O> }

export interface InternalCodeBuild {
  CreateReportCommand: Internal<CreateReportInput, { reportArn: string; exportConfig: ReportExport }>
  UpdateReportCommand: Internal<UpdateReportInput, object>
  BatchPutTestCasesCommand: Internal<{ reportArn: string; testCases: PutTestCase[] }, object>
  BatchPutCodeCoveragesCommand: Internal<{ reportArn: string; codeCoverages: PutCodeCoverage[] }, object>
}

/** What the report's group says of its raw files. */
export type ReportExport = import('@aws-sdk/client-codebuild').ReportExportConfig

export interface CreateReportInput {
  reportGroupArn: string
  /** The build's ARN. */
  executionId: string
  /** The same again for the same build is the same report, emptied. */
  clientToken: string
  type: 'TEST' | 'CODE_COVERAGE'
}

export interface UpdateReportInput {
  reportArn: string
  status: 'SUCCEEDED' | 'FAILED' | 'INCOMPLETE'
  truncated: boolean
  testSummary?: { total: number; statusCounts: Record<string, number>; durationInNanoSeconds: number }
  codeCoverageSummary?: {
    linesCovered: number
    linesMissed: number
    branchesCovered: number
    branchesMissed: number
  }
}

export interface PutTestCase {
  testRawDataPath: string
  prefix: string
  testSuiteName: string
  name: string
  status: string
  durationInNanoSeconds: number
  message: string
}

export interface PutCodeCoverage {
  filePath: string
  linesCovered: number
  linesMissed: number
  branchesCovered: number
  branchesMissed: number
}

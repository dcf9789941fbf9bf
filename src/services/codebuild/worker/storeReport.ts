// Stores what a build's report says, as the project's role: group, report and cases in one transaction, then the raw files in S3.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { S3ReportExportConfig } from '@aws-sdk/client-codebuild'
import { zipOfFiles } from '../../../build/archives.ts'
import { BuildFailure, type BuildReport, type RawFile } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import { inTemporary } from '../../../core/temporary.ts'
import type { Call, OpenCall } from '../../../operation/call.ts'
import type { PutCodeCoverage, PutTestCase } from '../../../operation/internalCodeBuild.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { BuildRow } from '../builds.ts'
import { buildArn } from '../definition.ts'
import { findGroup, reportGroupArn, reportGroupName } from '../reportGroups.ts'
import { serverSideEncryption } from '../serverSideEncryption.ts'
import { sessionName } from './credentials.ts'

/** Covered files a statement. */
const BATCH = 5000

/** Throws BuildFailure with AWS's sentence when the role may not, or the group does not fit. */
export async function storeReport(row: BuildRow, report: BuildReport, call: OpenCall): Promise<void> {
  const { collected } = report
  const made = await call.transaction(inner => saveReport(row, report, inner))
  const { exportConfigType, s3Destination } = made.exportConfig
  if (exportConfigType !== 'S3' || !s3Destination) return
  const role = call.as(row.definition.serviceRole!, sessionName(row)).invoke
  try {
    await exportFiles(row, report, made.reportArn, s3Destination, role)
  } catch (error) {
    if (!isServiceError(error)) throw error
    const { status: _, ...rest } = endOf(report)
    await role('codebuild', 'UpdateReport', { reportArn: made.reportArn, status: 'INCOMPLETE', ...rest })
    throw new BuildFailure(
      'CLIENT_ERROR',
      `error exporting ${collected.type} report to ${s3Destination.bucket}: ${error.code}: ${error.message}`,
    )
  }
}

async function saveReport(row: BuildRow, report: BuildReport, call: Call) {
  const { collected } = report
  const { invoke } = call.as(row.definition.serviceRole!, sessionName(row))
  const { type, cases, coverages } = collected
  const reportGroup = await groupOf(row, report, call, invoke)
  return saying('error creating report', async () => {
    const executionId = buildArn(row, row.id)
    const made = await invoke('codebuild', 'CreateReport', {
      reportGroupArn: reportGroup,
      executionId,
      clientToken: report.name,
      type,
    })
    const { reportArn } = made
    if (cases.length > 0) {
      await invoke('codebuild', 'BatchPutTestCases', {
        reportArn,
        testCases: cases.map(
          (one): PutTestCase => ({
            testRawDataPath: one.rawPath,
            prefix: one.prefix,
            testSuiteName: one.suite,
            name: one.name,
            status: one.status,
            durationInNanoSeconds: one.durationNanos,
            message: one.message,
          }),
        ),
      })
    }
    for (let at = 0; at < coverages.length; at += BATCH) {
      const files = coverages.slice(at, at + BATCH)
      const codeCoverages = files.map(({ path, ...counts }): PutCodeCoverage => ({ filePath: path, ...counts }))
      await invoke('codebuild', 'BatchPutCodeCoverages', { reportArn, codeCoverages })
    }
    await invoke('codebuild', 'UpdateReport', { reportArn, ...endOf(report) })
    return made
  })
}

const endOf = ({ collected: { type, status, truncated, tests, coverage } }: BuildReport) => ({
  status,
  truncated,
  ...(type === 'TEST'
    ? { testSummary: { ...tests, statusCounts: { ...tests.statusCounts } } }
    : { codeCoverageSummary: { ...coverage } }),
})

// AWS: a name becomes `<project>-<name>`, and the group is made when it is not there; an ARN must be there [test-report-group-naming].
async function groupOf(row: BuildRow, { name, collected }: BuildReport, call: Call, invoke: Invoke): Promise<string> {
  if (name.startsWith('arn:')) {
    const own = reportGroupName(call.scope, name)
    if (own && (await findGroup(call.tx, call.scope, own))) return name
    throw new BuildFailure('CLIENT_ERROR', `report group ${name} does not exist`)
  }
  const group = `${row.project}-${name}`
  if (!(await findGroup(call.tx, call.scope, group))) {
    const exportConfig = { exportConfigType: 'NO_EXPORT' } as const
    await saying('error creating report group', () =>
      invoke('codebuild', 'CreateReportGroup', { name: group, type: collected.type, exportConfig }).catch(error => {
        // Another build of the project made it in this moment.
        if (!isServiceError(error, 'ResourceAlreadyExistsException')) throw error
      }),
    )
  }
  return reportGroupArn(call.scope, group)
}

// AWS: `error creating report group: AccessDeniedException: User: ... is not authorized to perform: ...` (aws-cdk issue 7367).
async function saying<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isServiceError(error)) throw error
    throw new BuildFailure('CLIENT_ERROR', `${what}: ${error.code}: ${error.message}`)
  }
}

/** `path/GROUP/ID/...` in the bucket: the files as they are, or one zip. */
async function exportFiles(
  row: BuildRow,
  { files }: BuildReport,
  reportArn: string,
  destination: S3ReportExportConfig,
  invoke: Invoke,
): Promise<void> {
  const [group, id] = reportArn.split(':report/')[1]!.split(':')
  const prefix = [...(destination.path ?? '').split('/'), group, id].filter(part => part && part !== '.').join('/')
  const common = {
    Bucket: destination.bucket!.replace(/^arn:aws[\w-]*:s3:::/, ''),
    ...(destination.bucketOwner && { ExpectedBucketOwner: destination.bucketOwner }),
    ...serverSideEncryption(destination),
    Metadata: { 'codebuild-buildarn': buildArn(row, row.id) },
  }
  if (destination.packaging !== 'ZIP') {
    for (const { path, file, size } of files) {
      const Body = createReadStream(file)
      await invoke('s3', 'PutObject', { ...common, Key: `${prefix}/${path}`, Body, ContentLength: size })
    }
    return
  }
  return inTemporary(async folder => {
    const zip = join(folder, 'report.zip')
    await zipOfFiles(zip, entries(files))
    const ContentLength = (await stat(zip)).size
    const Body = createReadStream(zip)
    await invoke('s3', 'PutObject', {
      ...common,
      Key: `${prefix}/report.zip`,
      Body,
      ContentLength,
      ContentType: 'application/zip',
    })
  })
}

async function* entries(files: readonly RawFile[]) {
  for (const { path, file, size } of files) {
    yield { path, mode: 0o644, size, mtime: undefined, content: createReadStream(file) }
  }
}

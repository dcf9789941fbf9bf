// The reports of a buildspec, in UPLOAD_ARTIFACTS: finds their files, reads them, and hands them on; also those of a failed build.

import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { inTemporary } from '../core/temporary.ts'
import { collectReport, type ReportFile } from '../reports/collectReport.ts'
import { isReportFormat, REPORT_FORMATS, ReportError } from '../reports/report.ts'
import { reportLine } from '../reports/summary.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { ReportSpec } from '../specs/buildspec/buildspec.ts'
import { collectFiles } from './artifacts.ts'
import { BuildFailure, type RawFile } from './build.ts'
import type { PhaseContext } from './phases.ts'
import type { Session } from './session.ts'

/** Larger files are no reports. */
const FILE_BYTES = 512 * 1024 * 1024
/** Of all files of one report. */
const TOTAL_BYTES = 2 * 1024 * 1024 * 1024

/** Answers the context of what went wrong. Every report is tried. */
export async function uploadReports(session: Session, sandbox: Sandbox): Promise<PhaseContext | undefined> {
  const reports = Object.entries(session.progress.commands?.spec.reports ?? {})
  const wrong: string[] = []
  for (const [name, spec] of reports) {
    try {
      await uploadOne(session, sandbox, name, spec)
    } catch (error) {
      if (!(error instanceof BuildFailure)) throw error
      wrong.push(`${name}: [${error.message}]`)
    }
  }
  if (wrong.length === 0) return undefined
  // AWS: `CLIENT_ERROR: Error in UPLOAD_ARTIFACTS phase: [NAME: [error creating report group: AccessDeniedException: ...` (aws-cdk issue 7367).
  return { statusCode: 'CLIENT_ERROR', message: `Error in UPLOAD_ARTIFACTS phase: [${wrong.join(' ')}]` }
}

async function uploadOne(session: Session, sandbox: Sandbox, name: string, spec: ReportSpec): Promise<void> {
  const { fileFormat } = spec
  if (!isReportFormat(fileFormat)) {
    throw new BuildFailure(
      'CLIENT_ERROR',
      `file-format ${fileFormat} is not known, it can be ${REPORT_FORMATS.join(', ')}`,
    )
  }
  const base = spec.baseDirectory ?? '.'
  await session.say(`Expanding base directory path: ${base}`)
  await session.say('Assembling file list')
  await session.say(`Expanding file paths for base directory ${base}`)
  for (const pattern of spec.files) await session.say(`Expanding ${pattern}`)
  return inTemporary(async folder => {
    const files = await spool(session, sandbox, spec, folder)
    if (files.length === 0) throw new BuildFailure('CLIENT_ERROR', 'report files not found in build')
    await session.say(`Found ${files.length} file(s)`)
    const collected = await collectReport(fileFormat, reportFiles(files))
    await session.say(`Preparing to copy ${collected.type} report ${name}`)
    await session.ports.report?.({ name, collected, files: files.filter(file => file.size <= FILE_BYTES) })
    await session.say(`Report ${name}: ${reportLine(collected)}`)
    for (const problem of collected.problems) await session.say(`Report ${name} is INCOMPLETE: ${problem}`)
  })
}

/** The report's files in `folder`; those that are too large are named only. */
async function spool(session: Session, sandbox: Sandbox, spec: ReportSpec, folder: string): Promise<RawFile[]> {
  const found: RawFile[] = []
  const sentences: string[] = []
  let total = 0
  const { sourceDirectory } = session
  const say = (text: string) => {
    if (sentences.length < 100) sentences.push(text)
  }
  for await (const { path, size, content } of collectFiles({
    sandbox,
    sourceDirectory,
    selection: spec,
    keepLinks: false,
    say,
  })) {
    const file = join(folder, String(found.length))
    if (size > FILE_BYTES || total + size > TOTAL_BYTES) {
      content.resume()
      found.push({ path, file, size: Number.POSITIVE_INFINITY })
      continue
    }
    total += size
    await pipeline(content, createWriteStream(file, { mode: 0o600 }))
    found.push({ path, file, size })
  }
  for (const sentence of sentences) await session.say(sentence)
  return found
}

async function* reportFiles(files: readonly RawFile[]): AsyncGenerator<ReportFile> {
  for (const { path, file, size } of files) {
    yield {
      path,
      bytes() {
        if (size > FILE_BYTES) throw new ReportError('it is too large for a report, and was not read')
        return createReadStream(file)
      },
    }
  }
}

// Resource utilization of a running build as CloudWatch metrics: one sample a minute, of the build and of its project.

import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { SandboxLimits, SandboxUsage } from '../../../sandbox/sandbox.ts'
import type { BuildRow } from '../builds.ts'

// AWS: "only recorded for builds that run for more than one minute" [monitoring-utilization-metrics].
export const MEASURE_MS = 60_000
/** Of one processor, as elsewhere in CloudWatch. */
const CPU_UNITS = 1024
const MEGABYTE = 1024 ** 2

export interface MeasureParts {
  /** Undefined when it can not be known now. */
  usage(): Promise<SandboxUsage | undefined>
  readonly limits: SandboxLimits
  put(data: MetricDatum[]): Promise<void>
  now(): Date
  readonly everyMs: number
  /** The sandbox has just been made: it has used nothing yet. */
  readonly fresh: boolean
  failed(error: unknown): void
}

interface Sample {
  readonly at: number
  readonly usage: Pick<SandboxUsage, 'cpuSeconds' | 'readBytes' | 'writtenBytes'>
}

const NOTHING = { cpuSeconds: 0, readBytes: 0, writtenBytes: 0 }

/** Measures until the answer is called. */
export function measure(row: Pick<BuildRow, 'id' | 'project' | 'number'>, parts: MeasureParts): () => void {
  let last: Sample | undefined = parts.fresh ? { at: performance.now(), usage: NOTHING } : undefined
  let busy = false
  const sample = async () => {
    const usage = await parts.usage()
    const current = usage && { at: performance.now(), usage }
    if (current && last) await parts.put(utilization(row, last, current, parts))
    last = current ?? last
  }
  const look = () => {
    // An engine that takes longer than a minute is not asked again meanwhile.
    if (busy) return
    busy = true
    void sample()
      .catch(parts.failed)
      .finally(() => {
        busy = false
      })
  }
  const timer = setInterval(look, parts.everyMs)
  if (!parts.fresh) look()
  return () => clearInterval(timer)
}

// AWS: names and units [CodeBuild CloudWatch resource utilization metrics]; dimensions ProjectName, and BuildId, BuildNumber, ProjectName.
/** The data of the time between two samples. Pure. */
export function utilization(
  row: Pick<BuildRow, 'id' | 'project' | 'number'>,
  before: Sample,
  after: { readonly at: number; readonly usage: SandboxUsage },
  { limits, now }: Pick<MeasureParts, 'limits' | 'now'>,
): MetricDatum[] {
  const seconds = Math.max(0.001, (after.at - before.at) / 1000)
  // What is over was counted before: a process that took its numbers along is no negative use.
  const rate = (name: 'cpuSeconds' | 'readBytes' | 'writtenBytes') =>
    Math.max(0, after.usage[name] - before.usage[name]) / seconds
  const cpus = Math.min(limits.cpus ?? Number.POSITIVE_INFINITY, after.usage.cpus)
  const memory = Math.min(limits.memoryBytes ?? Number.POSITIVE_INFINITY, after.usage.totalMemoryBytes)
  const used = rate('cpuSeconds')
  const project = { Name: 'ProjectName', Value: row.project }
  const build = [{ Name: 'BuildId', Value: row.id }, { Name: 'BuildNumber', Value: String(row.number) }, project]
  const data: Pick<MetricDatum, 'MetricName' | 'Value' | 'Unit'>[] = [
    { MetricName: 'CPUUtilized', Value: used * CPU_UNITS, Unit: 'None' },
    { MetricName: 'CPUUtilizedPercent', Value: (100 * used) / cpus, Unit: 'Percent' },
    { MetricName: 'MemoryUtilized', Value: after.usage.memoryBytes / MEGABYTE, Unit: 'Megabytes' },
    { MetricName: 'MemoryUtilizedPercent', Value: (100 * after.usage.memoryBytes) / memory, Unit: 'Percent' },
    { MetricName: 'StorageReadBytes', Value: rate('readBytes'), Unit: 'Bytes/Second' },
    { MetricName: 'StorageWriteBytes', Value: rate('writtenBytes'), Unit: 'Bytes/Second' },
  ]
  const Timestamp = now()
  return data.flatMap(datum => [build, [project]].map(Dimensions => ({ ...datum, Timestamp, Dimensions })))
}

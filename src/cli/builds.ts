// Builds that are not over, as lines: those that run, then the queue in its order.

import type { Build, CodeBuild } from '@aws-sdk/client-codebuild'
import { allBuilds } from './usage.ts'

/** AWS: a build waits at most 8 hours and runs at most 36: an older one is over. */
const LONGEST_MS = 44 * 3_600_000

/** Newest first. */
export async function* openBuilds(
  codebuild: Pick<CodeBuild, 'listBuilds' | 'listBuildsForProject' | 'batchGetBuilds'>,
  project: string | undefined,
  now: Date,
): AsyncGenerator<Build> {
  for await (const build of allBuilds(codebuild, { project })) {
    if (now.getTime() - build.startTime!.getTime() > LONGEST_MS) return
    if (!build.buildComplete) yield build
  }
}

export interface QueueLine {
  readonly id: string
  readonly phase: string
  /** Seconds since the current phase began. */
  readonly seconds: number
  readonly fleet?: string
  readonly position?: number
  readonly reason?: string
}

function lineOf(build: Build, now: Date): QueueLine {
  const { id = '', currentPhase: phase = '', phases, environment } = build
  const current = phases?.find(({ phaseType }) => phaseType === phase)
  const [, position, reason] =
    /^Position (\d+) of \d+ in the queue: (.*)$/.exec(current?.contexts?.[0]?.message ?? '') ?? []
  const fleet = environment?.fleet?.fleetArn?.split('/').at(-1)?.split(':')[0]
  return {
    id,
    phase,
    seconds: Math.max(0, Math.floor((now.getTime() - (current?.startTime ?? now).getTime()) / 1000)),
    ...(fleet && { fleet }),
    ...(position && { position: Number(position), reason: reason! }),
  }
}

function lines(builds: readonly Build[], now: Date): QueueLine[] {
  const all = builds.map(build => lineOf(build, now))
  const order = ({ position = 0, fleet = '' }: QueueLine) => [position === 0 ? 0 : 1, fleet, position] as const
  return all.sort((a, b) => {
    const [x, y] = [order(a), order(b)]
    return x[0] - y[0] || (x[1] < y[1] ? -1 : x[1] > y[1] ? 1 : x[2] - y[2])
  })
}

function text(builds: readonly Build[], now: Date): string {
  if (builds.length === 0) return 'no build runs or waits'
  const rows = [
    ['BUILD', 'PHASE', 'FOR', 'POSITION', 'WAITS BECAUSE'],
    ...lines(builds, now).map(({ id, phase, seconds, position, reason }) => [
      id,
      phase,
      `${seconds} s`,
      position === undefined ? '' : String(position),
      reason ?? '',
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows
    .map(row =>
      row
        .map((cell, column) =>
          column === 2 || column === 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const queueTable = { lines, text }

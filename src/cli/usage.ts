// What builds used: minutes on a machine, added up by month, project and compute type.

import type { Build, CodeBuild } from '@aws-sdk/client-codebuild'

export interface Usage {
  /** `2026-03`, of the build's start, UTC. */
  readonly month: string
  readonly project: string
  readonly compute: string
  readonly builds: number
  readonly minutes: number
}

/** Newest first; stops at the first build before `month`. */
export async function* allBuilds(
  codebuild: Pick<CodeBuild, 'listBuilds' | 'listBuildsForProject' | 'batchGetBuilds'>,
  { project, month }: { project?: string | undefined; month?: string | undefined },
): AsyncGenerator<Build> {
  let nextToken: string | undefined
  do {
    const page = { sortOrder: 'DESCENDING', ...(nextToken && { nextToken }) } as const
    const list = project
      ? await codebuild.listBuildsForProject({ projectName: project, ...page })
      : await codebuild.listBuilds(page)
    const builds = list.ids?.length ? ((await codebuild.batchGetBuilds({ ids: list.ids })).builds ?? []) : []
    for (const build of builds) {
      if (month !== undefined && monthOf(build) < month) return
      yield build
    }
    nextToken = list.nextToken
  } while (nextToken)
}

export function addUp(builds: Iterable<Build>): Usage[] {
  const lines = new Map<string, Usage>()
  for (const build of builds) {
    const minutes = minutesOf(build)
    if (minutes === undefined) continue
    const { environment, projectName } = build
    const line = {
      month: monthOf(build),
      project: projectName ?? '',
      compute: `${environment?.type ?? '?'} ${environment?.computeType ?? '?'}`,
    }
    const key = Object.values(line).join('\n')
    const { builds: count, minutes: sum } = lines.get(key) ?? { builds: 0, minutes: 0 }
    lines.set(key, { ...line, builds: count + 1, minutes: sum + minutes })
  }
  return [...lines].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, line]) => line)
}

// AWS: "from the time you submit your build until your build is terminated, rounded up to the nearest minute" [CodeBuild pricing].
// DEVIATES: waiting for a machine of one's own costs nothing, so that SUBMITTED and QUEUED do not count.
/** Whole minutes, rounded up, from the start of PROVISIONING; undefined while a build runs, 0 when it never had a machine. */
function minutesOf({ phases, endTime }: Build): number | undefined {
  if (!endTime) return undefined
  const start = phases?.find(phase => phase.phaseType === 'PROVISIONING')?.startTime
  return start ? Math.max(1, Math.ceil((endTime.getTime() - start.getTime()) / 60_000)) : 0
}

const monthOf = ({ startTime }: Build) => startTime?.toISOString().slice(0, 7) ?? ''

export function table(lines: readonly Usage[]): string {
  if (lines.length === 0) return 'no builds'
  const rows = [
    ['MONTH', 'PROJECT', 'COMPUTE', 'BUILDS', 'MINUTES'],
    ...lines.map(line => [line.month, line.project, line.compute, String(line.builds), String(line.minutes)]),
    ['', '', 'total', String(total(lines, 'builds')), String(total(lines, 'minutes'))],
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const cell = (text: string, column: number) =>
    column > 2 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
  return rows.map(row => row.map(cell).join('  ').trimEnd()).join('\n')
}

const total = (lines: readonly Usage[], of: 'builds' | 'minutes') => lines.reduce((sum, line) => sum + line[of], 0)

// Build badges: which build speaks for a branch, and the picture of how it went.

import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import type { BuildStatus } from './builds.ts'
import type { ProjectDefinition } from './definition.ts'

export const BADGE_PATH = '/badges'

export type BadgeStatus = 'passing' | 'failing' | 'in progress' | 'unknown'

export interface BadgeProject extends Scope {
  readonly name: string
  readonly definition: ProjectDefinition
}

/** AWS: the URL names a common default branch; any other can be put in its place, or a tag [access-badges]. */
export const badgeUrl = (endpoint: string, id: string, definition: ProjectDefinition) =>
  `${endpoint}${BADGE_PATH}?uuid=${id}&branch=${encodeURIComponent(definition.sourceVersion ?? 'main')}`

export function findBadgeProject(tx: Tx, id: string): Promise<BadgeProject | undefined> {
  return tx.one<BadgeProject>`select account, region, name, definition from codebuild.projects where id = ${id}`
}

/** The newest build of one of these source versions; `unnamed` takes builds of the default branch in as well. */
export async function newestStatus(
  tx: Tx,
  { account, region, name }: BadgeProject,
  { versions, unnamed }: { versions: readonly string[]; unnamed: boolean },
): Promise<BadgeStatus> {
  const row = await tx.one<{ status: BuildStatus }>`
    select status from codebuild.builds
    where account = ${account} and region = ${region} and project = ${name}
      and (split_part(definition->>'sourceVersion', '^{', 1) = any(${versions}::text[])
        or definition->'webhook'->>'headRef' = any(${versions}::text[])
        ${unnamed ? sql`or coalesce(definition->>'sourceVersion', '') = ''` : sql``})
    order by number desc limit 1`
  if (!row) return 'unknown'
  // AWS: timed out, failed, faulted and stopped builds are all failing [badge-statuses].
  return row.status === 'SUCCEEDED' ? 'passing' : row.status === 'IN_PROGRESS' ? 'in progress' : 'failing'
}

const COLOURS: Readonly<Record<BadgeStatus, string>> = {
  passing: '#1d8102',
  failing: '#d13212',
  'in progress': '#0073bb',
  unknown: '#687078',
}
const LABEL = 'build'
const PADDING = 8
/** Verdana at 11 pixels, near enough: the text is squeezed to it. */
const widthOf = (text: string) => text.length * 7

export function badgeSvg(status: BadgeStatus): string {
  const left = widthOf(LABEL) + 2 * PADDING
  const right = widthOf(status) + 2 * PADDING
  const width = left + right
  const text = (words: string, middle: number) =>
    `<text x="${middle}" y="14" textLength="${widthOf(words)}" lengthAdjust="spacingAndGlyphs">${words}</text>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${LABEL}: ${status}">`,
    `<title>${LABEL}: ${status}</title>`,
    `<clipPath id="r"><rect width="${width}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#414d5c"/>`,
    `<rect x="${left}" width="${right}" height="20" fill="${COLOURS[status]}"/></g>`,
    `<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
    `${text(LABEL, left / 2)}${text(status, left + right / 2)}</g></svg>\n`,
  ].join('')
}

// A file in conflict with its hunks: what each side made of the regions that were changed.

import type { ConflictMetadata, MergeHunk } from '@aws-sdk/client-codecommit'
import { type ConflictStage, isSubmodule, type Repository } from '../../../git/index.ts'
import { conflictMetadata } from '../conflictMetadata.ts'
import { MOST_FILE_BYTES } from '../fileModes.ts'
import type { MergeOutcome } from '../merging.ts'
import type { Conflict } from '../takeSide.ts'
import { type Change, linesOf, type Range, regionsOf } from './hunks.ts'

export interface Described {
  readonly conflictMetadata: ConflictMetadata
  readonly mergeHunks: MergeHunk[]
}

export async function describeConflict(
  directory: Repository,
  outcome: MergeOutcome,
  conflict: Conflict,
): Promise<Described> {
  const metadata = await conflictMetadata(directory, outcome.tree, conflict)
  const binary = Object.values(metadata.isBinaryFile ?? {}).includes(true)
  const mergeHunks = binary ? [] : await hunksOf(directory, conflict, outcome.level === 'FILE_LEVEL')
  return { conflictMetadata: metadata, mergeHunks }
}

/** AWS: under FILE_LEVEL every change of a file that both sides changed is in conflict, under LINE_LEVEL where the same lines changed. */
async function hunksOf(
  directory: Repository,
  { base, theirs, ours }: Conflict,
  wholeFile: boolean,
): Promise<MergeHunk[]> {
  const linesAt = async (stage: ConflictStage | undefined): Promise<Buffer[]> => {
    if (!stage || isSubmodule(stage.mode)) return []
    return linesOf((await directory.blob(stage.id, MOST_FILE_BYTES)) ?? Buffer.alloc(0))
  }
  const [baseLines, sourceLines, destinationLines] = await Promise.all([base, theirs, ours].map(linesAt))
  const regions = regionsOf(await changes(directory, base, theirs), await changes(directory, base, ours))
  return regions.map(({ changedBy, ...region }) => {
    const content = (lines: readonly Buffer[], { start, end }: Range) => Buffer.concat(lines.slice(start, end))
    const source = content(sourceLines!, region.source)
    const destination = content(destinationLines!, region.destination)
    const detail = ({ start, end }: Range, text: Buffer) => ({
      startLine: start,
      endLine: end,
      hunkContent: text.toString('base64'),
    })
    return {
      isConflict: (wholeFile || changedBy === 'both') && !source.equals(destination),
      source: detail(region.source, source),
      destination: detail(region.destination, destination),
      base: detail(region.base, content(baseLines!, region.base)),
    }
  })
}

async function changes(
  directory: Repository,
  base: ConflictStage | undefined,
  side: ConflictStage | undefined,
): Promise<Change[]> {
  if (base?.id === side?.id) return []
  const blob = (stage: ConflictStage | undefined) => (stage && !isSubmodule(stage.mode) ? stage.id : undefined)
  const { hunks } = await directory.diffLines(blob(base), blob(side), { context: 0 })
  // Git names the line before an insertion, from 1 on: 0 is before the first line.
  const range = ({ start, count }: { start: number; count: number }) => ({
    start: count === 0 ? start : start - 1,
    end: count === 0 ? start : start - 1 + count,
  })
  return hunks.map(({ before, after }) => {
    const { start, end } = range(before)
    const own = range(after)
    return { start, end, sideStart: own.start, sideEnd: own.end }
  })
}

// The table of images of this installation: `images.json` in the data directory of the processes, or of those that answer calls.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageEntry } from '../../build/curatedImages.ts'
import type { OpenCall } from '../../operation/call.ts'

export { type BuildImage, imageOf, isCurated } from '../../build/curatedImages.ts'

/** The builder's own table, or that of the processes which answer calls when it has none. */
export async function imageTableOf({ config, read }: OpenCall): Promise<Readonly<Record<string, ImageEntry>>> {
  const own = await readImageTable(config.dataDir)
  if (Object.keys(own).length > 0 || config.roles.includes('api')) return own
  const told = await read(
    ({ tx }) => tx.one<{ images: Record<string, ImageEntry> }>`
      select images from codebuild.api_endpoints where images <> '{}' order by seen_at desc limit 1`,
  )
  return told?.images ?? {}
}

/** The table of this installation: `images.json` in the data directory, `{"aws/codebuild/standard:7.0": "registry/image:tag"}`. */
export async function readImageTable(dataDir: string): Promise<Readonly<Record<string, ImageEntry>>> {
  const file = join(dataDir, 'images.json')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  const table: unknown = JSON.parse(text)
  const isEntry = (entry: unknown) =>
    typeof entry === 'string' || typeof (entry as { image?: unknown } | null)?.image === 'string'
  if (typeof table !== 'object' || table === null || !Object.values(table).every(isEntry)) {
    throw new Error(`${file} must map names of images to names, or to {"image": NAME, "pull": "missing" | "always"}`)
  }
  return table as Readonly<Record<string, ImageEntry>>
}

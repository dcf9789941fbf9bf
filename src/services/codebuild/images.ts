// Which image a build really runs in: the names of AWS's curated images are not in any registry, so they stand for public ones.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenCall } from '../../operation/call.ts'

export interface BuildImage {
  readonly name: string
  readonly pull: 'missing' | 'always'
  /** For the log, when another image than the project's is taken. */
  readonly note?: string
}

type Entry = string | { readonly image: string; readonly pull?: 'missing' | 'always' }

const PUBLIC = 'public.ecr.aws/codebuild'

// AWS publishes its Amazon Linux images; those of Ubuntu it does not (aws/aws-codebuild-docker-images, issue 753).
// DEVIATES: a build in aws/codebuild/standard runs in an Amazon Linux image, unless `images.json` in the data directory names another one.
const CURATED: Readonly<Record<string, Entry>> = {
  'aws/codebuild/amazonlinux-x86_64-standard:*': `${PUBLIC}/amazonlinux-x86_64-standard:*`,
  'aws/codebuild/amazonlinux-aarch64-standard:*': `${PUBLIC}/amazonlinux-aarch64-standard:*`,
  'aws/codebuild/amazonlinux2-x86_64-standard:*': `${PUBLIC}/amazonlinux2-x86_64-standard:*`,
  'aws/codebuild/amazonlinux2-aarch64-standard:*': `${PUBLIC}/amazonlinux2-aarch64-standard:*`,
  'aws/codebuild/amazonlinux-x86_64-lambda-standard:*': `${PUBLIC}/amazonlinux-x86_64-lambda-standard:*`,
  'aws/codebuild/amazonlinux-aarch64-lambda-standard:*': `${PUBLIC}/amazonlinux-aarch64-lambda-standard:*`,
  'aws/codebuild/standard:8.0': `${PUBLIC}/amazonlinux-x86_64-standard:6.0`,
  'aws/codebuild/standard:*': `${PUBLIC}/amazonlinux-x86_64-standard:5.0`,
}

/** Whether the name is one of AWS's own images, which have runtimes to select from. */
export const isCurated = (image: string | undefined) => image?.startsWith('aws/codebuild/') === true

/** `overrides` are looked at first, the exact name before one that ends in `*`; a `*` in the value is what it stood for. */
export function imageOf(image: string, overrides: Readonly<Record<string, Entry>> = {}): BuildImage {
  for (const table of [overrides, CURATED]) {
    const pattern = image in table ? image : patternsOf(table).find(key => image.startsWith(key.slice(0, -1)))
    if (pattern === undefined) continue
    const entry = table[pattern]!
    const { image: target, pull = 'missing' } = typeof entry === 'string' ? { image: entry } : entry
    const name = target.replaceAll('*', pattern.endsWith('*') ? image.slice(pattern.length - 1) : '*')
    return { name, pull, ...(name !== image && { note: `The image ${image} stands for ${name} here` }) }
  }
  return { name: image, pull: 'missing' }
}

const patternsOf = (table: object) =>
  Object.keys(table)
    .filter(key => key.endsWith('*'))
    .sort((a, b) => b.length - a.length)

/** The builder's own table, or that of the processes which answer calls when it has none. */
export async function imageTableOf({ config, read }: OpenCall): Promise<Readonly<Record<string, Entry>>> {
  const own = await readImageTable(config.dataDir)
  if (Object.keys(own).length > 0 || config.roles.includes('api')) return own
  const told = await read(
    ({ tx }) => tx.one<{ images: Record<string, Entry> }>`
      select images from codebuild.api_endpoints where images <> '{}' order by seen_at desc limit 1`,
  )
  return told?.images ?? {}
}

/** The table of this installation: `images.json` in the data directory, `{"aws/codebuild/standard:7.0": "registry/image:tag"}`. */
export async function readImageTable(dataDir: string): Promise<Readonly<Record<string, Entry>>> {
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
  return table as Readonly<Record<string, Entry>>
}

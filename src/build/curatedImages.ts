// Which image a build really runs in: the names of AWS's curated images are not in any registry, so they stand for public ones.

export interface BuildImage {
  readonly name: string
  readonly pull: 'missing' | 'always'
  /** For the log, when another image than the project's is taken. */
  readonly note?: string
}

export type ImageEntry = string | { readonly image: string; readonly pull?: 'missing' | 'always' }

const PUBLIC = 'public.ecr.aws/codebuild'

// AWS publishes its Amazon Linux images; those of Ubuntu it does not (aws/aws-codebuild-docker-images, issue 753).
// DEVIATES: a build in aws/codebuild/standard runs in an Amazon Linux image, unless `images.json` in the data directory names another one.
const CURATED: Readonly<Record<string, ImageEntry>> = {
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
export function imageOf(image: string, overrides: Readonly<Record<string, ImageEntry>> = {}): BuildImage {
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

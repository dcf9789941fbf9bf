// S3: put and get of 64 MB against a plain copy of a file of that size, synced to the disk as ours is.

import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openYard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'

const SIZE = 64 << 20
const ROUNDS = 5

export const objects: Bench = async report => {
  const yard = await openYard()
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-bench-'))
  try {
    const file = join(folder, 'bytes')
    await writeFile(file, randomBytes(SIZE))
    await yard.clients.s3.createBucket({ Bucket: 'bench' })
    const puts: number[] = []
    const gets: number[] = []
    const copies: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      copies.push(await timed(() => syncedCopy(file, join(folder, 'copy'))))
      puts.push(
        await timed(() =>
          yard.clients.s3.putObject({
            Bucket: 'bench',
            Key: 'bytes',
            Body: createReadStream(file),
            ContentLength: SIZE,
          }),
        ),
      )
      gets.push(
        await timed(async () => {
          const { Body } = await yard.clients.s3.getObject({ Bucket: 'bench', Key: 'bytes' })
          for await (const _ of Body as AsyncIterable<Buffer>) {
            // read it through
          }
        }),
      )
    }
    const baseline = { name: 'copy of a file, fsync', value: median(copies) }
    report(compare('put 64 MB', 'ms', median(puts), baseline))
    report(compare('get 64 MB', 'ms', median(gets), baseline))
  } finally {
    await rm(folder, { recursive: true, force: true })
    await yard.close()
  }
}

async function syncedCopy(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const file = await open(to, 'r+')
  await file.sync()
  await file.close()
}

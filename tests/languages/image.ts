// One image with the tools of eight languages, made by this machine's package tools (image.sh). It is made once for a recipe, a release of
// the distribution and a Node.js, and then found by its tag.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DockerProvider } from '../../src/sandbox/docker/dockerProvider.ts'

const RECIPE = fileURLToPath(new URL('image.sh', import.meta.url))
const REPOSITORY = 'codeyard-test-languages'
const TOOLS = ['/usr/bin/apt-get', '/usr/bin/dpkg-deb']

/** Why the image can not be made here, or undefined. */
export async function obstacle(): Promise<string | undefined> {
  for (const tool of TOOLS) {
    const there = await access(tool).then(
      () => true,
      () => false,
    )
    if (!there) return `the image is made with ${tool}, which this machine does not have`
  }
  return undefined
}

/** Its name. Takes half a minute on a new machine and asks only for the distribution's packages. */
export async function ensureLanguagesImage({ docker }: DockerProvider): Promise<string> {
  const parts = [await readFile(RECIPE, 'utf8'), await readFile('/etc/os-release', 'utf8'), process.version]
  const tag = createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12)
  const image = `${REPOSITORY}:${tag}`
  const found = await docker
    .getImage(image)
    .inspect()
    .catch(() => undefined)
  if (found) return image
  const work = await mkdtemp(join(tmpdir(), 'codeyard-languages-'))
  const recipe = spawn(RECIPE, [work, process.execPath], { stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const said: string[] = []
    recipe.stderr.setEncoding('utf8').on('data', text => said.push(text))
    const over = once(recipe, 'close')
    await once(recipe.stdout, 'readable') // the first byte, or the end without one
    if (recipe.stdout.readableLength > 0) {
      const progress = await docker.importImage(recipe.stdout, { repo: REPOSITORY, tag })
      await new Promise<void>((resolve, reject) =>
        docker.modem.followProgress(progress as unknown as NodeJS.ReadableStream, error =>
          error ? reject(error) : resolve(),
        ),
      )
    }
    const [code] = await over
    if (code === 0) return image
    await docker
      .getImage(image)
      .remove()
      .catch(() => {})
    throw new Error(`the image of the languages could not be made (${code}):\n${said.join('').slice(-2000)}`)
  } finally {
    recipe.kill('SIGKILL')
    await rm(work, { recursive: true, force: true })
  }
}

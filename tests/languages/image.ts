// One image with the tools of eight languages, made by this machine's package tools (image.sh). It is made once for a recipe, a release of
// the distribution and a Node.js, and then found by its tag.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { DockerProvider } from '../../src/sandbox/docker/dockerProvider.ts'
import { dockerForTests } from '../../src/sandbox/testImages.ts'

const RECIPE = fileURLToPath(new URL('image.sh', import.meta.url))
const REPOSITORY = 'codeyard-test-languages'
const TOOLS = ['/usr/bin/apt-get', '/usr/bin/dpkg-deb']

/** An engine that has the image, or the reason why tests with it must be skipped. In CI there is no skipping: it rejects. */
export async function languagesForTests(): Promise<
  { readonly engine: DockerProvider; readonly image: string } | string
> {
  const engine = await dockerForTests()
  if (typeof engine === 'string') return engine
  try {
    return { engine, image: await ensureLanguagesImage(engine) }
  } catch (error) {
    if (process.env.CI) throw error
    return (error as Error).message.slice(0, 500)
  }
}

/** Its name. Takes half a minute on a new machine and asks only for the distribution's packages. */
async function ensureLanguagesImage({ docker }: DockerProvider): Promise<string> {
  const parts = [await readFile(RECIPE, 'utf8'), await readFile('/etc/os-release', 'utf8'), process.version]
  const tag = createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12)
  const image = `${REPOSITORY}:${tag}`
  const isThere = () =>
    docker
      .getImage(image)
      .inspect()
      .then(
        () => true,
        () => false,
      )
  if (await isThere()) return image
  // Test files run in processes of their own: one makes it, the others wait.
  const release = await alone(`codeyard-languages-${tag}`)
  try {
    return (await isThere()) ? image : await make(docker, image)
  } finally {
    release()
  }
}

/** Holds a name that no two processes of this machine can have at once, and that a dead one does not keep. */
async function alone(name: string): Promise<() => void> {
  for (let waited = 0; waited < 600_000; waited += 250) {
    const server = createServer()
    const taken = await once(server.listen(`\0${name}`), 'listening').then(
      () => true,
      () => false,
    )
    if (taken) return () => server.close()
    await delay(250)
  }
  throw new Error(`another process has been making ${name} for 10 minutes`)
}

async function make(docker: DockerProvider['docker'], image: string): Promise<string> {
  const tag = image.split(':')[1]!
  for (const tool of TOOLS) {
    await access(tool).catch(() => {
      throw new Error(`the image is made with ${tool}, which this machine does not have`)
    })
  }
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

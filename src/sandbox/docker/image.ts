// Gets images onto the engine. What can not be had is remembered for a while: an unreachable registry must not cost every build its timeout.

import type Docker from 'dockerode'
import { within } from '../../core/bounded.ts'
import type { RegistryCredentials } from '../sandbox.ts'
import { SandboxError } from '../sandboxError.ts'
import { engineMessage, engineStatus } from './engine.ts'

const PULL_TIMEOUT_MS = 20 * 60_000
const REMEMBER_MS = 30_000

export interface ImageStore {
  /** Resolves when `image` is on the engine, pulled if it was not; rejects with NO_IMAGE, naming the image and the engine's reason. */
  ensure(image: string, credentials?: RegistryCredentials): Promise<void>
  /** Pulls although an older image of that name may be there. */
  pull(image: string, credentials?: RegistryCredentials): Promise<void>
}

export function createImageStore(docker: Docker): ImageStore {
  const pulling = new Map<string, Promise<void>>()
  const failed = new Map<string, { at: number; error: SandboxError }>()

  function pull(image: string, credentials?: RegistryCredentials): Promise<void> {
    const known = failed.get(image)
    if (known && performance.now() - known.at < REMEMBER_MS && !credentials) return Promise.reject(known.error)
    // Who shows other credentials may be refused where somebody else is not.
    const key = JSON.stringify([image, credentials])
    const running = pulling.get(key)
    if (running) return running
    const work = fetchImage(docker, image, credentials)
      .then(() => void failed.delete(image))
      .catch(cause => {
        const reason = engineMessage(cause)
        const message = `The image ${image} is not on this Docker engine and can not be pulled: ${reason}`
        const error = new SandboxError('NO_IMAGE', message, { cause })
        if (!credentials) failed.set(image, { at: performance.now(), error })
        throw error
      })
      .finally(() => pulling.delete(key))
    pulling.set(key, work)
    return work
  }
  return {
    pull,
    async ensure(image, credentials) {
      try {
        await docker.getImage(image).inspect()
      } catch (error) {
        if (engineStatus(error) !== 404) throw new SandboxError('NO_IMAGE', engineMessage(error), { cause: error })
        await pull(image, credentials)
      }
    },
  }
}

async function fetchImage(docker: Docker, image: string, credentials: RegistryCredentials | undefined) {
  // Without a tag the engine's API would fetch every tag there is.
  const name = /(:[^/]+|@[^/]+)$/.test(image) ? image : `${image}:latest`
  const aborter = new AbortController()
  const options = { abortSignal: aborter.signal, ...(credentials && { authconfig: credentials }) }
  const progress = await docker.pull(name, options)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  docker.modem.followProgress(progress, error => (error ? reject(error) : resolve()))
  try {
    await within(PULL_TIMEOUT_MS, `the pull took longer than ${PULL_TIMEOUT_MS / 60_000} minutes`, promise)
  } catch (error) {
    aborter.abort()
    throw error
  }
}

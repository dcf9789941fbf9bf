// Decides where a build runs, and says it in a sentence for the first lines of the build's log. Never silently something else than was asked for.

import { assertNever } from '../core/assertNever.ts'
import type { RegistryCredentials, SandboxProvider } from './sandbox.ts'
import { SandboxError } from './sandboxError.ts'

export interface Choice {
  readonly provider: SandboxProvider
  /** One sentence without a full stop, for example `Running in Docker with the image node:24`. */
  readonly reason: string
}

/**
 * `auto`: Docker when an engine answers and has (or gets) `image`, else this host. Rejects with UNAVAILABLE or NO_IMAGE when what was asked
 * for can not be had, its message then is for the build's log as well.
 */
export async function chooseSandbox(
  kind: 'auto' | 'docker' | 'host',
  image: string | undefined,
  providers: { readonly docker: SandboxProvider; readonly host: SandboxProvider },
  registry?: RegistryCredentials,
): Promise<Choice> {
  const { docker, host } = providers
  switch (kind) {
    case 'docker': {
      const obstacle = await dockerObstacle(docker, image, registry)
      if (obstacle)
        throw new SandboxError(obstacle.code, `${obstacle.why}, and only Docker is allowed here (--sandbox docker)`)
      return { provider: docker, reason: `Running in Docker with the image ${image}` }
    }
    case 'host': {
      const why = await host.unavailable()
      if (why !== undefined) throw new SandboxError('UNAVAILABLE', `Builds can not run on this host: ${why}`)
      return { provider: host, reason: `Running on this host${instead(image)}, as asked for (--sandbox host)` }
    }
    case 'auto': {
      const obstacle = await dockerObstacle(docker, image, registry)
      if (!obstacle) return { provider: docker, reason: `Running in Docker with the image ${image}` }
      // Who has credentials for an image wants that image, and hears that they were refused.
      if (obstacle.code === 'NO_IMAGE' && registry) throw new SandboxError('NO_IMAGE', obstacle.why)
      const why = await host.unavailable()
      if (why !== undefined)
        throw new SandboxError('UNAVAILABLE', `${obstacle.why}, and this host can not be used either: ${why}`)
      return { provider: host, reason: `${obstacle.why}: running on this host instead` }
    }
    default:
      return assertNever(kind)
  }
}

function instead(image: string | undefined): string {
  return image === undefined ? '' : `, not in the image ${image}`
}

async function dockerObstacle(
  docker: SandboxProvider,
  image: string | undefined,
  registry: RegistryCredentials | undefined,
) {
  const silent = await docker.unavailable()
  if (silent !== undefined) return { code: 'UNAVAILABLE', why: silent } as const
  if (image === undefined) return { code: 'NO_IMAGE', why: 'No image is given to run in Docker' } as const
  const missing = await docker.missingImage?.(image, registry)
  return missing === undefined ? undefined : ({ code: 'NO_IMAGE', why: missing } as const)
}

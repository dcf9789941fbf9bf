// Volumes for /var/lib/docker that outlive their build, so that a Docker inside of the next one finds its layers. One build at a time has a
// volume: two Docker daemons on one directory destroy it.

import { createHash } from 'node:crypto'
import type Docker from 'dockerode'
import { engineStatus } from './engine.ts'

const PREFIX = 'codeyard-layers-'
const LABEL = 'codeyard.layers'
export const LAYERS_PATH = '/var/lib/docker'

/** What no build used is removed beyond so many, the oldest first. */
const MOST_VOLUMES = 10
const LARGEST_BYTES = 20 * 1024 ** 3

export interface Layers {
  /** Undefined: a volume that goes with the container. */
  readonly volume: string | undefined
  /** For the build's log. */
  readonly note: string
}

export interface LayerVolumes {
  /** The volume of `key`, unless a build has it; `release` once the container is there. */
  take(key: string): Promise<Layers & { release(): void }>
  /** Whether the container is the only one with the volume: another process may have taken it at the same moment. */
  isAlone(volume: string, containerId: string): Promise<boolean>
  /** Who takes the volume waits until `work`, which removes its container, is over. */
  leave<T>(volume: string, work: () => Promise<T>): Promise<T>
}

export function createLayerVolumes(docker: Docker): LayerVolumes {
  const taking = new Set<string>()
  const leaving = new Map<string, Promise<unknown>>()
  const usersOf = (volume: string) => docker.listContainers({ all: true, filters: { volume: [volume] } })

  async function removeSurplus(but: string) {
    const { Volumes } = await docker.listVolumes({ filters: { label: [LABEL], dangling: ['true'] } })
    const unused = Volumes.filter(({ Name }) => Name !== but && !taking.has(Name))
    const madeAt = (volume: object) => String((volume as { CreatedAt?: string }).CreatedAt ?? '')
    unused.sort((a, b) => madeAt(b).localeCompare(madeAt(a)))
    for (const { Name } of unused.slice(MOST_VOLUMES - 1)) await removeVolume(docker, Name)
  }

  return {
    async take(key) {
      const volume = PREFIX + createHash('sha256').update(key).digest('hex').slice(0, 32)
      await leaving.get(volume)?.catch(() => {})
      if (taking.has(volume) || (await usersOf(volume)).length > 0)
        return {
          volume: undefined,
          note: 'Local Docker layer cache miss: another build of the project uses it',
          release() {},
        }
      taking.add(volume)
      const release = () => void taking.delete(volume)
      try {
        const known = await exists(docker, volume)
        if (!known) {
          await docker.createVolume({ Name: volume, Labels: { [LABEL]: 'true' } })
          await removeSurplus(volume).catch(() => {})
        }
        const note = known
          ? 'Local Docker layer cache hit: layers of earlier builds are there'
          : 'Local Docker layer cache miss: this builder has no layers of the project yet'
        return { volume, note, release }
      } catch (error) {
        release()
        throw error
      }
    },
    async leave(volume, work) {
      const over = work()
      leaving.set(volume, over)
      try {
        return await over
      } finally {
        if (leaving.get(volume) === over) leaving.delete(volume)
      }
    },
    async isAlone(volume, containerId) {
      return (await usersOf(volume)).every(({ Id }) => Id === containerId)
    },
  }
}

async function exists(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getVolume(name).inspect()
    return true
  } catch (error) {
    if (engineStatus(error) === 404) return false
    throw error
  }
}

/** Still in use, or gone already: both are fine. */
async function removeVolume(docker: Docker, name: string) {
  await docker
    .getVolume(name)
    .remove()
    .catch((error: unknown) => {
      if (engineStatus(error) !== 404 && engineStatus(error) !== 409) throw error
    })
}

/** The volume that a container keeps its layers in, if it is one that stays. */
export const layersOf = (container: Docker.ContainerInspectInfo): string | undefined =>
  container.Mounts.find(({ Name, Destination }) => Destination === LAYERS_PATH && Name?.startsWith(PREFIX))?.Name

/** Ends the Docker inside in order (what it wrote last would be lost), and prints how many kilobytes it leaves. */
export const END_DOCKER = `
if read -r cy_p 2>/dev/null </var/run/docker.pid; then
  kill "$cy_p" 2>/dev/null; cy_i=0
  while [ $cy_i -lt 100 ] && kill -0 "$cy_p" 2>/dev/null; do cy_i=$((cy_i+1)); sleep 0.1 2>/dev/null || sleep 1; done
fi
du -sk ${LAYERS_PATH} 2>/dev/null
`

/** Removes a volume that grew too large. */
export async function boundVolume(docker: Docker, volume: string, bytes: number): Promise<void> {
  if (bytes > LARGEST_BYTES) await removeVolume(docker, volume)
}

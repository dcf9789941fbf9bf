// The Docker Engine of tests, and the images that they use.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createDockerProvider, type DockerProvider } from './docker/dockerProvider.ts'

export { ensureBusyboxImage, ensureDebianImage, ensureDockerImage, ensureNodeImage } from './localImages.ts'

/**
 * A provider on a living engine (started here when this is root and dockerd is installed), or the reason why tests of Docker must be skipped.
 * In CI there is no skipping: it throws.
 */
export async function dockerForTests(): Promise<DockerProvider | string> {
  const reason = await createDockerProvider().unavailable()
  if (reason === undefined) return createDockerProvider()
  if (!process.env.DOCKER_HOST && process.getuid?.() === 0 && existsSync('/usr/sbin/dockerd')) {
    spawn('/usr/sbin/dockerd', { detached: true, stdio: 'ignore' }).unref()
    for (let attempt = 0; attempt < 60; attempt++) {
      await delay(250)
      const provider = createDockerProvider()
      if ((await provider.unavailable()) === undefined) return provider
    }
  }
  if (process.env.CI) throw new Error(`tests of Docker must run here, but: ${reason}`)
  return reason
}

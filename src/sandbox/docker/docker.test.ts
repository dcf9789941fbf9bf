import { describe } from 'vitest'
import { sandboxContract } from '../contract.suite.ts'
import { dockerForTests, ensureBusyboxImage, ensureDebianImage } from '../testImages.ts'
import { processesWith } from '../testProcesses.ts'
import { createDockerProvider } from './dockerProvider.ts'

const engine = await dockerForTests()
const user = { name: 'nobody', uid: 65534 }

describe.skipIf(typeof engine === 'string')(
  `with a Docker Engine${typeof engine === 'string' ? ` (${engine})` : ''}`,
  async () => {
    if (typeof engine === 'string') return
    const provider = async () => createDockerProvider()
    const processes = processesWith
    sandboxContract('busybox container', { provider, image: await ensureBusyboxImage(engine), user, processes })
    sandboxContract('Debian container', { provider, image: await ensureDebianImage(engine), user, processes })
  },
)

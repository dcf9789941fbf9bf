import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { sandboxContract } from '../contract.suite.ts'
import { processesWith } from '../testProcesses.ts'
import { probeBoxes } from './bubblewrap.ts'
import { createHostProvider } from './hostProvider.ts'

const root = mkdtempSync(join(tmpdir(), 'codeyard-host-'))
chmodSync(root, 0o711)
const user =
  process.getuid?.() === 0 ? { name: 'nobody', uid: 65534 } : { skip: 'only root can run commands as others' }
afterAll(() => rmSync(root, { recursive: true, force: true }))

sandboxContract('plain host', {
  provider: async () => createHostProvider({ root: join(root, 'plain'), bubblewrap: 'never' }),
  user,
  processes: processesWith,
})

const boxes = await probeBoxes(root, [])
describe.skipIf(!boxes)('bubblewrap works here', () => {
  sandboxContract('boxed host', {
    provider: async () => createHostProvider({ root: join(root, 'boxed') }),
    user,
    processes: processesWith,
  })
})

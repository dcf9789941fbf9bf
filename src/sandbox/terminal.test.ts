import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { probeBoxes } from './host/bubblewrap.ts'
import { createHostProvider } from './host/hostProvider.ts'
import { terminalContract } from './terminal.suite.ts'
import { saneSize } from './terminal.ts'
import { dockerForTests, ensureBusyboxImage } from './testImages.ts'
import { processesWith } from './testProcesses.ts'

const root = mkdtempSync(join(tmpdir(), 'codeyard-terminal-'))
chmodSync(root, 0o711)
afterAll(() => rmSync(root, { recursive: true, force: true }))
const spec = { name: `terminal-${process.pid}`, labels: { 'codeyard.test': 'terminal' } }

terminalContract('host sandbox without a box', {
  create: () => createHostProvider({ root: join(root, 'plain'), bubblewrap: 'never' }).create(spec),
  processes: processesWith,
})

// Where bubblewrap does not work the host sandbox is the one above.
describe.skipIf(!(await probeBoxes(root, [])))('with bubblewrap', () => {
  terminalContract('host sandbox', {
    create: () => createHostProvider({ root: join(root, 'boxed') }).create(spec),
    processes: processesWith,
  })
})

const engine = await dockerForTests()
describe.skipIf(typeof engine === 'string')(
  `with Docker${typeof engine === 'string' ? ` (${engine})` : ''}`,
  async () => {
    if (typeof engine === 'string') return
    const image = await ensureBusyboxImage(engine)
    terminalContract('container', { create: () => engine.create({ ...spec, image }), processes: processesWith })
  },
)

test('a size that no terminal has becomes one', () => {
  expect(saneSize({ columns: 120, rows: 40 })).toEqual({ columns: 120, rows: 40 })
  expect(saneSize({ columns: -1, rows: Number.NaN })).toEqual({ columns: 80, rows: 24 })
  expect(saneSize({ columns: 1e9, rows: 1.5 })).toEqual({ columns: 1000, rows: 24 })
})

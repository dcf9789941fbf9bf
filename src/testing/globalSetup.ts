// One embedded PostgreSQL for the whole test run, in a directory that goes with it.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createLog } from '../core/log.ts'
import { startEmbedded } from '../store/embedded/server.ts'

export default async function setup(project: TestProject) {
  const dataDir = await mkdtemp(join(tmpdir(), 'codeyard-test-'))
  const server = await startEmbedded({
    dataDir,
    log: createLog('warn'),
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
  })
  const { host, port, user } = server.connection
  project.provide('postgres', { host: host!, port: port!, user: user! })
  return async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

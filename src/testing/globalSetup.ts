// One embedded PostgreSQL for the whole test run, in a directory that goes with it, or with the next run if this one is killed.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestProject } from 'vitest/node'
import { createLog } from '../core/log.ts'
import { isAlive, signalAll } from '../core/processes.ts'
import { startEmbedded } from '../store/embedded/server.ts'

const PREFIX = 'codeyard-test-run-'
const OWNER = 'owner.pid'

export default async function setup(project: TestProject) {
  await endLeftovers()
  const dataDir = await mkdtemp(join(tmpdir(), PREFIX))
  await writeFile(join(dataDir, OWNER), String(process.pid))
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

/** What runs that were killed left: their databases are stopped and removed. */
async function endLeftovers(): Promise<void> {
  const names = (await readdir(tmpdir())).filter(name => name.startsWith(PREFIX))
  for (const directory of names.map(name => join(tmpdir(), name))) {
    const owner = await firstNumber(join(directory, OWNER))
    if (owner === undefined || isAlive(owner)) continue
    const postmaster = await firstNumber(join(directory, 'postgres/data/postmaster.pid'))
    const command = await readFile(`/proc/${postmaster}/cmdline`, 'utf8').catch(() => '')
    if (postmaster && command.includes(directory)) {
      signalAll([postmaster], 'SIGQUIT')
      for (let tries = 0; tries < 100 && isAlive(postmaster); tries++) await delay(50)
    }
    await rm(directory, { recursive: true, force: true })
  }
}

async function firstNumber(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return Number.parseInt(text, 10) || undefined
}

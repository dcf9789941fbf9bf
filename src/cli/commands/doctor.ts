// Says what is there, what is missing and how to get it.

import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import type { Command } from '../command.ts'
import { bubblewrap, dockerAnswers, git } from '../prerequisites.ts'

const run = promisify(execFile)

const command: Command = {
  summary: 'what is there (git, docker, bubblewrap, ports), what is missing, how to get it',
  options: {},
  async run() {
    const findings = await Promise.all([
      node(),
      gitVersion(),
      docker(),
      confinement(),
      port(4566, 'the API'),
      port(2222, 'git over SSH'),
    ])
    for (const { ok, needed, text } of findings)
      process.stdout.write(`${ok ? 'ok     ' : needed ? 'MISSING' : 'missing'} ${text}\n`)
    return findings.every(({ ok, needed }) => ok || !needed) ? 0 : 1
  },
}
export default command

interface Finding {
  readonly ok: boolean
  /** Codeyard does not work without it. */
  readonly needed: boolean
  readonly text: string
}

async function node(): Promise<Finding> {
  return { ok: true, needed: true, text: `Node.js ${process.versions.node} (${process.execPath})` }
}

async function gitVersion(): Promise<Finding> {
  if (!(await git.present())) return { ok: false, needed: true, text: 'git: install it (Debian: apt-get install git)' }
  const { stdout } = await run('git', ['--version'], { timeout: 5000 })
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? []
  const ok = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 38)
  return { ok, needed: true, text: ok ? stdout.trim() : `${stdout.trim()}: 2.38 or newer is needed for merges` }
}

async function docker(): Promise<Finding> {
  const ok = await dockerAnswers()
  const text = ok
    ? 'a Docker Engine answers: builds run in containers'
    : 'no Docker Engine answers: builds run on this host (Debian: apt-get install docker.io; else set DOCKER_HOST)'
  return { ok, needed: false, text }
}

async function confinement(): Promise<Finding> {
  const works = await run('bwrap', ['--ro-bind', '/', '/', '--unshare-pid', 'true'], { timeout: 5000 }).then(
    () => true,
    () => false,
  )
  if (works) return { ok: true, needed: false, text: 'bubblewrap works: builds on the host are confined' }
  const there = await bubblewrap.present()
  return {
    ok: false,
    needed: false,
    text: there
      ? 'bubblewrap is there but may not make namespaces'
      : 'bubblewrap: builds on the host are less confined (Debian: apt-get install bubblewrap)',
  }
}

function port(number: number, purpose: string): Promise<Finding> {
  return new Promise(resolve => {
    const server = createServer()
    const taken = `port ${number} (${purpose}) is taken: a Codeyard is running, or choose another`
    server.once('error', () => resolve({ ok: false, needed: false, text: taken }))
    server.listen(number, '127.0.0.1', () =>
      server.close(() => resolve({ ok: true, needed: false, text: `port ${number} (${purpose}) is free` })),
    )
  })
}

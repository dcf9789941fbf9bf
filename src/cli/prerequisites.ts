// Programs that tests and builds use: how to see whether they are there, and which Debian package brings them.

import { execFile, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Prerequisite {
  readonly name: string
  readonly debian: string
  /** What goes without it. */
  readonly purpose: string
  present(): Promise<boolean>
}

export async function onPath(program: string, path = process.env.PATH ?? ''): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, program)
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file
  }
  return undefined
}

const program = (name: string, debian: string, purpose: string, path?: string): Prerequisite => ({
  name,
  debian,
  purpose,
  present: async () => (await onPath(name, path)) !== undefined,
})

export const git = program('git', 'git', 'repositories: Codeyard needs it')
export const bubblewrap = program('bwrap', 'bubblewrap', 'closer confinement of builds on the host')

export const testPrerequisites: readonly Prerequisite[] = [
  git,
  bubblewrap,
  program('docker', 'docker.io', 'builds in containers'),
  program('busybox', 'busybox-static', 'the test images'),
  program('openssl', 'openssl', 'checking signed messages'),
  program('unzip', 'unzip', 'checking archives'),
  program('zip', 'zip', 'making archives'),
  // Debian's own, beside any other on the path: two generations of the client are two clients.
  program('aws', 'awscli', 'scenarios with the AWS command line', '/usr/bin'),
  {
    name: 'python3-boto3',
    debian: 'python3-boto3',
    purpose: 'scenarios with boto3',
    present: () =>
      run('/usr/bin/python3', ['-c', 'import boto3'], { timeout: 30_000 }).then(
        () => true,
        () => false,
      ),
  },
  {
    name: 'postgresql',
    debian: 'postgresql',
    purpose: 'tests on an external PostgreSQL',
    present: () =>
      access('/usr/lib/postgresql').then(
        () => true,
        () => false,
      ),
  },
]

/** Installs Debian packages when this is Debian and we are root; answers what is still missing, with the reason. */
export async function installMissing(
  wanted: readonly Prerequisite[],
  say: (line: string) => void,
): Promise<readonly string[]> {
  const missing = await absent(wanted)
  if (missing.length === 0) return []
  const packages = missing.map(({ debian }) => debian)
  if (process.getuid?.() !== 0 || !(await onPath('apt-get'))) {
    return missing.map(({ name, debian, purpose }) => `${name} is missing (${purpose}): install the package ${debian}`)
  }
  say(`installing ${packages.join(' ')} ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { env, timeout: 900_000, maxBuffer: 64 << 20 }
  try {
    await run('apt-get', ['update', '-qq'], options)
    await run(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', ...packages, ...containerNetworking(packages)],
      options,
    )
  } catch (error) {
    say(`apt-get failed: ${(error as Error).message.split('\n').slice(-3).join(' ')}`)
  }
  return (await absent(wanted)).map(
    ({ name, debian }) => `${name} is missing and could not be installed (package ${debian})`,
  )
}

/** docker.io only recommends what its networks need. */
const containerNetworking = (packages: readonly string[]) =>
  packages.includes('docker.io') ? ['iptables', 'ca-certificates'] : []

async function absent(wanted: readonly Prerequisite[]): Promise<Prerequisite[]> {
  const present = await Promise.all(wanted.map(one => one.present()))
  return wanted.filter((_, index) => !present[index])
}

export async function dockerAnswers(): Promise<boolean> {
  return run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5000 }).then(
    () => true,
    () => false,
  )
}

/** Starts a Docker Engine when we are root and none answers; it goes on after us. True when one answers. */
export async function ensureDockerEngine(say: (line: string) => void): Promise<boolean> {
  if (await dockerAnswers()) return true
  if (process.getuid?.() !== 0 || !(await onPath('dockerd'))) return false
  say('starting a Docker Engine ...')
  const output = openSync('/var/log/codeyard-dockerd.log', 'a')
  spawn('dockerd', [], { detached: true, stdio: ['ignore', output, output] }).unref()
  for (let waited = 0; waited < 30_000; waited += 250) {
    if (await dockerAnswers()) return true
    await delay(250)
  }
  say('the Docker Engine did not start: see /var/log/codeyard-dockerd.log')
  return false
}

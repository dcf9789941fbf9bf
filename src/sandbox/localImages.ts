// Images made from programs of this machine, since tests and the demo must not need a registry: a static busybox, a Debian-like set of GNU
// tools, and the same with Node and git. Each is made once per content; the tag is a hash of what went in.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Pack } from 'tar-stream'
import { addEntry, packArchive } from './archive.ts'
import type { DockerProvider } from './docker/dockerProvider.ts'

/** To be changed with the recipes below. */
const RECIPE = '1'

const BUSYBOX = '/bin/busybox'
const COREUTILS =
  'basename cat chgrp chmod chown cp cut date dd df dirname du echo env expr false head id install ln ls mkdir mkfifo mktemp mv nproc od ' +
  'printf pwd readlink realpath rm rmdir seq sha256sum sleep sort split stat stty sync tail tee test timeout touch tr true truncate uname ' +
  'uniq wc whoami yes'
const TOOLS = `dash bash ${COREUTILS} awk find grep gzip kill ps sed setsid tar unzip xargs zip`.split(' ')

/** Busybox alone: sh and its applets; users root, nobody and builder (1000). */
export async function ensureBusyboxImage(provider: DockerProvider): Promise<string> {
  const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' })
    .split('\n')
    .filter(name => name && name !== 'busybox')
  return await ensure(provider, 'codeyard-local-busybox', [BUSYBOX], async pack => {
    await directories(pack, ['bin', 'etc', 'root', 'tmp', 'home/builder', 'proc', 'sys', 'dev'])
    await file(pack, 'bin/busybox', BUSYBOX)
    for (const applet of applets) await link(pack, `bin/${applet}`, 'busybox')
    await accounts(pack)
  })
}

/** GNU tools, dash as sh, and bash; the libraries of this machine. */
export async function ensureDebianImage(provider: DockerProvider): Promise<string> {
  return await ensureFromHost(provider, 'codeyard-local-debian', TOOLS.flatMap(find))
}

/** The Debian-like image with the running Node (as `node`) and, where it is installed, git over HTTP. */
export async function ensureNodeImage(provider: DockerProvider): Promise<string> {
  const core = '/usr/lib/git-core'
  const git = existsSync(core) ? ['git', 'git-remote-http', 'git-remote-https'].map(name => `${core}/${name}`) : []
  const programs = [...TOOLS.flatMap(find), ...find('git'), ...git.filter(path => existsSync(path))]
  return await ensureFromHost(provider, 'codeyard-local-node', programs, { node: process.execPath })
}

const DOCKER =
  'docker dockerd containerd containerd-shim-runc-v2 runc docker-init docker-proxy iptables mount nohup bash'.split(' ')
const IPTABLES_MODULES = ['/usr/lib/x86_64-linux-gnu/xtables', '/usr/lib/aarch64-linux-gnu/xtables']

/** The Debian-like image with this machine's Docker, its daemon included, and busybox to make images of; undefined where there is none. */
export async function ensureDockerImage(provider: DockerProvider): Promise<string | undefined> {
  const programs = DOCKER.flatMap(find)
  if (programs.length < DOCKER.length) return undefined
  const modules = IPTABLES_MODULES.filter(path => existsSync(path)).flatMap(directory =>
    readdirSync(directory).map(name => `${directory}/${name}`),
  )
  const all = [...new Set([...TOOLS.flatMap(find), ...programs, BUSYBOX])]
  return await ensureFromHost(provider, 'codeyard-local-docker', all, { modules })
}

async function ensureFromHost(
  provider: DockerProvider,
  name: string,
  programs: readonly string[],
  { node, modules = [] }: { node?: string; modules?: readonly string[] } = {},
): Promise<string> {
  const binaries = [...programs, ...(node ? [node] : []), ...modules]
  // ldd says /lib/... for some and /usr/lib/... for others; both are one directory here.
  const needed = [...modules, ...binaries.flatMap(librariesOf)]
  const libraries = [...new Map(needed.map(path => [underUsr(path), path])).values()]
  return await ensure(provider, name, [...binaries, ...libraries], async pack => {
    await directories(pack, [
      'usr/bin',
      'usr/lib',
      'usr/lib64',
      'etc',
      'root',
      'tmp',
      'home/builder',
      'proc',
      'sys',
      'dev',
    ])
    for (const [from, to] of [
      ['bin', 'usr/bin'],
      ['sbin', 'usr/bin'],
      ['lib', 'usr/lib'],
      ['lib64', 'usr/lib64'],
    ]) {
      await link(pack, from!, to!)
    }
    for (const library of libraries) await file(pack, underUsr(library), library)
    for (const program of programs)
      await file(pack, program.includes('git-core') ? underUsr(program) : `usr/bin/${basename(program)}`, program)
    await link(pack, 'usr/bin/sh', 'dash')
    if (node) await file(pack, 'usr/bin/node', node)
    if (existsSync('/usr/share/git-core/templates')) await directories(pack, ['usr/share/git-core/templates'])
    if (existsSync('/etc/ssl/certs/ca-certificates.crt')) {
      await file(pack, 'etc/ssl/certs/ca-certificates.crt', '/etc/ssl/certs/ca-certificates.crt')
    }
    await accounts(pack)
  })
}

async function ensure(
  { docker }: DockerProvider,
  name: string,
  inputs: readonly string[],
  fill: (pack: Pack) => Promise<void>,
) {
  const hash = createHash('sha256').update(RECIPE)
  for (const path of inputs) hash.update(`${path} ${statSync(path).size} ${statSync(path).mtimeMs}\n`)
  const tag = hash.digest('hex').slice(0, 12)
  const image = `${name}:${tag}`
  try {
    await docker.getImage(image).inspect()
  } catch {
    const progress = await docker.importImage(packArchive(fill), { repo: name, tag })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    docker.modem.followProgress(progress as unknown as NodeJS.ReadableStream, error =>
      error ? reject(error) : resolve(),
    )
    await promise
  }
  return image
}

/** Where `program` is on this machine, as a list of none or one. */
function find(program: string): string[] {
  return ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin']
    .map(directory => `${directory}/${program}`)
    .filter(path => existsSync(path))
    .slice(0, 1)
}

function librariesOf(program: string): string[] {
  try {
    const listing = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return [...listing.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(match => match[1]!)
  } catch {
    return [] // a script, or static
  }
}

function underUsr(path: string): string {
  const relative = path.slice(1)
  return relative.startsWith('usr/') ? relative : `usr/${relative}`
}

const plain = { mode: 0o755, size: 0, mtime: new Date('2026-01-01T00:00:00Z'), linkname: '' }

async function directories(pack: Pack, names: readonly string[]) {
  for (const name of names) {
    await addEntry(pack, { ...plain, name, type: 'directory', mode: name === 'tmp' ? 0o1777 : 0o755 })
  }
}

async function link(pack: Pack, name: string, linkname: string) {
  await addEntry(pack, { ...plain, name, type: 'symlink', linkname })
}

async function file(pack: Pack, name: string, path: string) {
  const real = realpathSync(path)
  await addEntry(pack, { ...plain, name, type: 'file', size: statSync(real).size, content: createReadStream(real) })
}

async function accounts(pack: Pack) {
  const people = [
    ['root', 0, '/root'],
    ['nobody', 65534, '/tmp'],
    ['builder', 1000, '/home/builder'],
  ] as const
  await text(pack, 'etc/passwd', people.map(([name, id, home]) => `${name}:x:${id}:${id}::${home}:/bin/sh\n`).join(''))
  await text(pack, 'etc/group', people.map(([name, id]) => `${name}:x:${id}:\n`).join(''))
}

async function text(pack: Pack, name: string, value: string) {
  const bytes = Buffer.from(value)
  async function* content() {
    yield bytes
  }
  await addEntry(pack, { ...plain, name, type: 'file', mode: 0o644, size: bytes.length, content: content() })
}

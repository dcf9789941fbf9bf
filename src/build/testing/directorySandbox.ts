// A sandbox for tests of the engine: a directory and plain child processes whose output is a file, as the contract says.

import { spawn } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { signalGroup } from '../../core/processes.ts'
import { addEntry, packArchive, readArchive } from '../../sandbox/archive.ts'
import type { Run, Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts'
import { tarOfDirectory } from '../archives.ts'

/** Sandboxes below `root`. They outlive the provider object: another one over the same root attaches to them. */
export function directorySandboxes(root: string): SandboxProvider {
  const at = (name: string): Sandbox => directorySandbox(name, join(root, name.replace(/[^\w.-]/g, '_')))
  return {
    kind: 'scripted',
    unavailable: async () => undefined,
    async create(spec) {
      const sandbox = at(spec.name)
      await mkdir(sandbox.workspace, { recursive: true })
      return sandbox
    },
    attach: async name => (existsSync(at(name).workspace) ? at(name) : undefined),
    list: async () => [],
  }
}

function directorySandbox(name: string, workspace: string): Sandbox {
  const state = `${workspace}.runs`
  return {
    kind: 'scripted',
    name,
    workspace,
    async run(id, command, from = 0) {
      await mkdir(state, { recursive: true })
      const base = join(state, id)
      if (!existsSync(`${base}.out`)) {
        const output = await open(`${base}.out`, 'a')
        const child = spawn(
          '/bin/sh',
          ['-c', '"$@"; echo $? > "$0.tmp"; mv "$0.tmp" "$0.exit"', base, ...command.argv],
          {
            cwd: command.cwd ?? workspace,
            env: { PATH: process.env.PATH, ...command.env },
            stdio: ['ignore', output.fd, output.fd],
            detached: true,
          },
        )
        await writeFile(`${base}.pid`, String(child.pid))
        await output.close()
      }
      return follow(base, from)
    },
    async put(path, tar) {
      await mkdir(path, { recursive: true })
      for await (const entry of readArchive(tar)) {
        const target = join(path, entry.name)
        if (entry.type === 'directory') await mkdir(target, { recursive: true })
        else if (entry.type === 'file') {
          await mkdir(dirname(target), { recursive: true })
          await writeFile(target, Buffer.concat(await Array.fromAsync(entry.content)), { mode: entry.mode })
        }
      }
    },
    async get(path) {
      const info = await stat(path)
      if (info.isDirectory()) return tarOfDirectory(path)
      const content = createReadStream(path)
      const name = path.split('/').at(-1)!
      return packArchive(pack =>
        addEntry(pack, {
          name,
          type: 'file',
          mode: info.mode & 0o777,
          size: info.size,
          mtime: info.mtime,
          linkname: '',
          content,
        }),
      )
    },
    async destroy() {
      const { readdir } = await import('node:fs/promises')
      for (const file of existsSync(state) ? await readdir(state) : []) {
        if (!file.endsWith('.pid')) continue
        signalGroup(Number(await readFile(join(state, file), 'utf8')), 'SIGKILL')
      }
      await rm(workspace, { recursive: true, force: true })
      await rm(state, { recursive: true, force: true })
    },
  }
}

function follow(base: string, from: number): Run {
  const result = Promise.withResolvers<{ exitCode: number; signal?: string }>()
  async function* read() {
    let offset = from
    for (;;) {
      const over = existsSync(`${base}.exit`) || !existsSync(`${base}.pid`)
      const chunk = existsSync(`${base}.out`) ? (await readFile(`${base}.out`)).subarray(offset) : Buffer.alloc(0)
      if (chunk.length > 0) yield chunk
      offset += chunk.length
      if (over && chunk.length === 0) break
      if (!over) await delay(5)
    }
    const code = existsSync(`${base}.exit`) ? Number(await readFile(`${base}.exit`, 'utf8')) : 137
    result.resolve({ exitCode: code })
  }
  return {
    output: Readable.from(read(), { objectMode: false }),
    result: result.promise,
    async kill() {
      signalGroup(Number(await readFile(`${base}.pid`, 'utf8')), 'SIGKILL')
    },
  }
}

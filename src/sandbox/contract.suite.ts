// What every kind of sandbox must do. Each provider's test calls this with itself; a provider that passes can run builds.
// 400 lines because it is one list of behaviours. The scripted sandbox passes it with the answers in scripted/contractAnswers.ts.

import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import tar from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command, Run, Sandbox, SandboxProvider } from './sandbox.ts'

export interface ContractSubject {
  /** The provider, made anew at each call as by another process on the same engine, root or world. */
  provider(): Promise<SandboxProvider>
  readonly image?: string
  /** A user that is not root, where commands can run as others; the reason why not else. */
  readonly user: { readonly name: string; readonly uid: number } | { readonly skip: string }
  /** How many processes of this machine have `argument` among their arguments; undefined when nothing really runs. */
  processes?(argument: string): number
}

const LABELS = { 'codeyard.test': 'contract' }

const sh = (script: string, ...args: string[]): Command => ({ argv: ['sh', '-c', script, 'sh', ...args] })

/** Output as text and the result of a whole run. */
async function finish(run: Run): Promise<{ output: string; exitCode: number; signal?: string }> {
  const output = await text(run.output)
  return { output, ...(await run.result) }
}

/** Reads `run` until `mark` is in the output. */
async function readUntil(run: Run, mark: string): Promise<string> {
  let seen = ''
  run.output.setEncoding('utf8')
  for (;;) {
    const chunk: string | null = run.output.read()
    if (chunk !== null) seen += chunk
    if (seen.includes(mark)) return seen
    if (run.output.readableEnded) throw new Error(`the output ended without ${mark}: ${seen}`)
    if (chunk === null) await new Promise(resolve => run.output.once('readable', resolve).once('end', resolve))
  }
}

/** A tar of `entries`: content by name, or a header. */
export function tarOf(entries: Record<string, string | tar.Header | Partial<tar.Header>>): Readable {
  const pack = tar.pack()
  for (const [name, value] of Object.entries(entries)) {
    if (typeof value === 'string') pack.entry({ name }, value)
    else pack.entry({ ...value, name }).end(undefined)
  }
  pack.finalize()
  return Readable.from(pack)
}

/** What is in a tar: content, or `-> target`, or `directory`, by name. */
export async function contentOf(archive: Readable): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const extract = tar.extract()
  archive.on('error', error => extract.destroy(error))
  archive.pipe(extract as unknown as NodeJS.WritableStream)
  for await (const entry of extract) {
    const { type, linkname, mode } = entry.header
    const name = entry.header.name.replace(/\/$/, '')
    const content = (await buffer(entry as unknown as Readable)).toString()
    found[name] = type === 'symlink' ? `-> ${linkname}` : type === 'directory' ? 'directory' : content
    if (type === 'file' && mode! & 0o100) found[name] += ' (executable)'
  }
  return found
}

export function sandboxContract(kind: string, subject: ContractSubject) {
  describe(`a ${kind} sandbox`, () => {
    let provider: SandboxProvider
    let sandbox: Sandbox
    const spec = (name: string, env = {}) => ({
      name,
      env,
      labels: LABELS,
      ...(subject.image && { image: subject.image }),
    })
    const unique = () => `t-${randomUUID()}`
    /** For tests that destroy or need an own environment. */
    async function withSandbox(work: (own: Sandbox) => Promise<void>, env = {}) {
      const own = await provider.create(spec(unique(), env))
      try {
        await work(own)
      } finally {
        await own.destroy()
      }
    }
    const run = async (command: Command) => await finish(await sandbox.run(unique(), command))

    beforeAll(async () => {
      provider = await subject.provider()
      expect(await provider.unavailable()).toBeUndefined()
      sandbox = await provider.create(spec(unique(), { FROM_SPEC: 'spec', BOTH: 'spec' }))
    })
    afterAll(async () => {
      await sandbox?.destroy()
    })

    test('gives standard output and error in the order they were written, and the exit code', async () => {
      const result = await run(sh('echo one; echo two >&2; printf three; exit 7'))
      expect(result).toEqual({ output: 'one\ntwo\nthree', exitCode: 7 })
    })

    test('starts in an empty workspace', async () => {
      await withSandbox(async own => {
        expect((await finish(await own.run('a', sh('pwd; ls -A')))).output).toBe(`${own.workspace}\n`)
      })
    })

    test('passes bytes through as they are, also those that resemble its own marks', async () => {
      const { output } = await sandbox.run(unique(), sh("printf '\\000\\377\\036\\036abc\\r\\n\\036'"))
      expect(await buffer(output)).toEqual(Buffer.from('\x00\xff\x1e\x1eabc\r\n\x1e', 'latin1'))
    })

    test('keeps unicode in arguments, environment and output', async () => {
      const command = { ...sh('echo "$1 $WORD"', 'h\'é✓ 日本 "$X" 🚀'), env: { WORD: 'żółw\nline "two"' } }
      expect((await run(command)).output).toBe('h\'é✓ 日本 "$X" 🚀 żółw\nline "two"\n')
    })

    test("gives a command the sandbox's environment with its own on top", async () => {
      const command = { ...sh('echo $FROM_SPEC $BOTH $OWN'), env: { BOTH: 'command', OWN: 'command' } }
      expect((await run(command)).output).toBe('spec command command\n')
    })

    test('takes 100,000 bytes in one variable, and says why it does not take more than Linux does', async () => {
      const big = { ...sh('printf %s "$BIG" | wc -c'), env: { BIG: 'x'.repeat(100_000) } }
      expect((await run(big)).output.trim()).toBe('100000')
      const bigger = { ...sh('true'), env: { BIG: 'x'.repeat(131_072) } }
      await expect(run(bigger)).rejects.toMatchObject({ code: 'INVALID', message: expect.stringContaining('BIG') })
    })

    test("does not show the server's environment to commands", async () => {
      process.env.CODEYARD_CONTRACT_SECRET = 'do not show'
      expect((await run(sh('env'))).output).not.toContain('do not show')
    })

    test('exits with 127 for a program that does not exist and says its name', async () => {
      for (const program of ['no-such-program', '/no/such/program']) {
        const result = await run({ argv: [program] })
        expect(result.exitCode).toBe(127)
        expect(result.output).toContain(program)
      }
    })

    test('runs in the directory that was asked for, and exits with 126 when it does not exist', async () => {
      expect((await run({ ...sh('pwd'), cwd: '/tmp' })).output).toBe('/tmp\n')
      expect((await run({ ...sh('pwd'), cwd: '/no/such/directory' })).exitCode).toBe(126)
    })

    test('tells the signal that ended a command', async () => {
      expect(await run(sh('kill -KILL $$'))).toEqual({ output: '', exitCode: 137, signal: 'SIGKILL' })
    })

    test('lets a command open its own standard error again without losing what was written', async () => {
      const result = await run(sh('echo first; echo second | tee /dev/stderr; echo third >/dev/stdout'))
      expect(result.output).toBe('first\nsecond\nsecond\nthird\n')
    })

    test('streams output while the command runs, and files can be put meanwhile', async () => {
      const started = await sandbox.run(
        unique(),
        sh('echo first; until [ -e go-stream ]; do sleep 0.05; done; echo second'),
      )
      expect(await readUntil(started, 'first')).toBe('first\n')
      await sandbox.put(sandbox.workspace, tarOf({ 'go-stream': '' }))
      expect(await readUntil(started, 'second')).toBe('second\n')
      expect(await started.result).toEqual({ exitCode: 0 })
    })

    test('runs two commands at the same time', async () => {
      const waits = await sandbox.run(unique(), sh('until [ -e from-other ]; do sleep 0.05; done; echo seen'))
      const makes = await sandbox.run(unique(), sh('echo x >from-other; echo made'))
      expect((await finish(makes)).output).toBe('made\n')
      expect((await finish(waits)).output).toBe('seen\n')
    })

    test('kills a command that asks for it politely with SIGTERM', async () => {
      const polite = await sandbox.run(
        unique(),
        sh("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.1; done"),
      )
      await readUntil(polite, 'ready')
      await polite.kill()
      expect(await polite.result).toEqual({ exitCode: 3 })
    })

    test('kills a command that ignores SIGTERM after the grace, with its children, and keeps its output', async () => {
      const id = unique()
      const stubborn = await sandbox.run(id, sh("trap '' TERM; sleep 7391 & echo ready; while :; do sleep 0.1; done"))
      await readUntil(stubborn, 'ready')
      await stubborn.kill(100)
      expect(await stubborn.result).toEqual({ exitCode: 137, signal: 'SIGKILL' })
      if (subject.processes) expect(subject.processes('7391')).toBe(0)
      expect((await finish(await sandbox.run(id, sh('echo never')))).output).toBe('ready\n')
      expect((await run(sh('echo one; echo two >&2; printf three; exit 7'))).exitCode).toBe(7)
    })

    test('is over when the main command ends, whatever holds its output open', async () => {
      const result = await run(sh('sleep 7392 & echo done; exit 0'))
      expect(result).toEqual({ output: 'done\n', exitCode: 0 })
    })

    test('keeps a daemon running for the next command, and ends it when destroyed', async () => {
      await withSandbox(async own => {
        const daemon =
          '(sleep 7393 >/dev/null 2>&1 </dev/null & ) ; setsid sleep 7394 >/dev/null 2>&1 </dev/null & echo started'
        expect((await finish(await own.run('daemon', sh(daemon)))).output).toBe('started\n')
        if (!subject.processes) return
        await expect
          .poll(() => [subject.processes!('7393'), subject.processes!('7394')], { timeout: 5_000 })
          .toEqual([1, 1])
        await finish(await own.run('next', sh('echo one; echo two >&2; printf three; exit 7')))
        expect([subject.processes('7393'), subject.processes('7394')]).toEqual([1, 1])
        await own.destroy()
        expect([subject.processes('7393'), subject.processes('7394')]).toEqual([0, 0])
      })
    })

    test('does not start a run again that was started before', async () => {
      const id = unique()
      const command = sh('echo again >>counted; cat counted')
      expect((await finish(await sandbox.run(id, command))).output).toBe('again\n')
      expect((await finish(await sandbox.run(id, command))).output).toBe('again\n')
      expect(await contentOf(await sandbox.get(`${sandbox.workspace}/counted`))).toEqual({ counted: 'again\n' })
    })

    test('attaches from another provider while the command runs and after it ended, from any byte', async () => {
      const id = unique()
      const command = sh('echo 0123456789; until [ -e go-attach ]; do sleep 0.05; done; echo end; exit 5')
      const first = await sandbox.run(id, command)
      await readUntil(first, '9\n')
      const other = await (await subject.provider()).attach(sandbox.name)
      const second = await other!.run(id, command, 4)
      await readUntil(second, '9\n').then(seen => expect(seen).toBe('456789\n'))
      await other!.put(sandbox.workspace, tarOf({ 'go-attach': '' }))
      expect(await readUntil(second, 'end')).toBe('end\n')
      expect(await second.result).toEqual({ exitCode: 5 })
      expect(await readUntil(first, 'end')).toBe('end\n')
      const third = await (await (await subject.provider()).attach(sandbox.name))!.run(id, command, 11)
      expect(await finish(third)).toEqual({ output: 'end\n', exitCode: 5 })
      expect((await finish(await other!.run(id, command))).output).toBe('0123456789\nend\n')
    })

    test('kills from a process that attached later', async () => {
      const id = unique()
      const command = sh('echo up; while :; do sleep 0.1; done')
      const first = await sandbox.run(id, command)
      await readUntil(first, 'up')
      const attached = await (await (await subject.provider()).attach(sandbox.name))!.run(id, command)
      await attached.kill(1_000)
      expect(await attached.result).toEqual({ exitCode: 143, signal: 'SIGTERM' })
      expect(await first.result).toEqual({ exitCode: 143, signal: 'SIGTERM' })
    })

    test('tells the result although nobody reads the output, and when the output is destroyed', async () => {
      const unread = await sandbox.run(unique(), sh('echo one; echo two >&2; printf three; exit 7'))
      expect(await unread.result).toEqual({ exitCode: 7 })
      const dropped = await sandbox.run(unique(), sh('head -c 3000000 /dev/zero; exit 4'))
      dropped.output.destroy()
      expect(await dropped.result).toEqual({ exitCode: 4 })
    })

    test('gives megabytes of output without a newline whole', async () => {
      const { output, result } = await sandbox.run(unique(), sh('head -c 3000000 /dev/zero; exit 4'))
      expect((await buffer(output)).length).toBe(3_000_000)
      expect(await result).toEqual({ exitCode: 4 })
    })

    test('unpacks an archive and packs the same again', async () => {
      const long = `${'deep/'.repeat(40)}${'n'.repeat(120)}.txt`
      const at = `${sandbox.workspace}/made/for/it`
      const content = {
        'a.txt': 'A',
        'run.sh': '#!/bin/sh\n',
        'sub/ü ✓.txt': 'unicode',
        'empty/': '',
        link: '',
        abs: '',
        [long]: 'long',
      }
      const types: Record<string, Partial<tar.Header>> = {
        'empty/': { type: 'directory' },
        link: { type: 'symlink', linkname: 'a.txt' },
        abs: { type: 'symlink', linkname: '/usr/bin/env' },
      }
      const pack = tar.pack()
      for (const [name, value] of Object.entries(content)) {
        if (types[name]) pack.entry({ name, ...types[name] }).end(undefined)
        else pack.entry({ name, mode: name === 'run.sh' ? 0o4755 : 0o644, uid: 1234 }, value)
      }
      pack.finalize()
      await sandbox.put(at, Readable.from(pack))
      const found = await contentOf(await sandbox.get(at))
      expect(found).toMatchObject({
        'a.txt': 'A',
        'run.sh': '#!/bin/sh\n (executable)',
        'sub/ü ✓.txt': 'unicode',
        empty: 'directory',
      })
      expect(found).toMatchObject({ link: '-> a.txt', abs: '-> /usr/bin/env', [long]: 'long' })
      await sandbox.put(`${at}2`, await sandbox.get(at))
      expect(await contentOf(await sandbox.get(`${at}2`))).toEqual(found)
      expect(await contentOf(await sandbox.get(`${at}/link`))).toEqual({ link: 'A' })
    })

    test('puts over what is there, also over links, without writing through them', async () => {
      const at = `${sandbox.workspace}/over`
      await sandbox.put(at, tarOf({ target: 'kept', file: { type: 'symlink', linkname: 'target' } }))
      await sandbox.put(at, tarOf({ file: 'new', 'other/x': 'x' }))
      expect(await contentOf(await sandbox.get(at))).toMatchObject({ target: 'kept', file: 'new', 'other/x': 'x' })
    })

    const evil: Record<string, Record<string, string | Partial<tar.Header>>> = {
      'a name with ..': { '../evil': 'x' },
      'a hidden ..': { 'a/../../evil': 'x' },
      'an absolute name': { '/tmp/evil': 'x' },
      'a way through its own link': { way: { type: 'symlink', linkname: '/tmp' }, 'way/evil': 'x' },
      'a hard link to the outside': { evil: { type: 'link', linkname: '../../etc/passwd' } },
      'a device': { evil: { type: 'character-device', devmajor: 1, devminor: 3 } },
      'a pipe': { evil: { type: 'fifo' } },
    }
    test.each(Object.entries(evil))('refuses an archive with %s', async (_, entries) => {
      const at = `${sandbox.workspace}/jail/inner`
      await sandbox.put(at, tarOf({ good: 'x' }))
      await expect(sandbox.put(at, tarOf(entries))).rejects.toMatchObject({ code: 'EUNSAFE' })
      expect(
        Object.keys(await contentOf(await sandbox.get(`${sandbox.workspace}/jail`))).filter(
          name => !name.startsWith('inner'),
        ),
      ).toEqual([])
      await expect(sandbox.get('/tmp/evil')).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|EUNSAFE/) })
    })

    test('rejects a broken archive', async () => {
      await expect(
        sandbox.put(`${sandbox.workspace}/broken`, Readable.from([Buffer.alloc(700, 'x')])),
      ).rejects.toThrow()
    })

    test('says ENOENT for a path that is not there', async () => {
      await expect(sandbox.get(`${sandbox.workspace}/missing`)).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('finds the same sandbox when the name is created again', async () => {
      await sandbox.put(sandbox.workspace, tarOf({ 'still-here': 'yes' }))
      const again = await provider.create(spec(sandbox.name))
      expect(again.workspace).toBe(sandbox.workspace)
      expect(await contentOf(await again.get(`${again.workspace}/still-here`))).toEqual({ 'still-here': 'yes' })
    })

    test('lists by labels, and is gone after destroy, which may be called again', async () => {
      const own = await provider.create({ ...spec(unique()), labels: { ...LABELS, owner: 'one' } })
      expect(await provider.list({ ...LABELS, owner: 'one' })).toContain(own.name)
      expect(await provider.list({ ...LABELS, owner: 'two' })).not.toContain(own.name)
      expect(await provider.list({})).toContain(own.name)
      await own.destroy()
      await own.destroy()
      expect(await provider.list(LABELS)).not.toContain(own.name)
      expect(await provider.attach(own.name)).toBeUndefined()
      await expect(own.run('x', sh('true'))).rejects.toMatchObject({ code: 'DESTROYED' })
      await expect(own.put(own.workspace, tarOf({}))).rejects.toMatchObject({ code: 'DESTROYED' })
      await expect(own.get(own.workspace)).rejects.toMatchObject({ code: 'DESTROYED' })
    })

    test('ends what runs when it is destroyed', async () => {
      await withSandbox(async own => {
        const running = await own.run('r', sh('echo up; while :; do sleep 0.1; done'))
        await readUntil(running, 'up')
        await own.destroy()
        running.output.resume()
        const end = await Promise.race([running.result.catch(error => error), delay(10_000, 'still running')])
        expect(end).toSatisfy(value => value.code === 'DESTROYED' || value.exitCode > 128)
      })
    })

    test('knows nothing of a name that never was', async () => {
      expect(await provider.attach(unique())).toBeUndefined()
    })

    test('refuses names and commands that mean no good', async () => {
      for (const name of ['../x', 'a/b', '', '.hidden', 'x'.repeat(200)]) {
        await expect(provider.create(spec(name))).rejects.toMatchObject({ code: 'INVALID' })
        await expect(sandbox.run(name, sh('true'))).rejects.toMatchObject({ code: 'INVALID' })
      }
      await expect(sandbox.run(unique(), { argv: [] })).rejects.toMatchObject({ code: 'INVALID' })
      await expect(sandbox.run(unique(), { argv: ['a\0b'] })).rejects.toMatchObject({ code: 'INVALID' })
      await expect(sandbox.run(unique(), { argv: ['true'], cwd: 'relative' })).rejects.toMatchObject({
        code: 'INVALID',
      })
    })

    const { user } = subject
    test.skipIf('skip' in user)(`runs as another user, and says when there is no such user`, async () => {
      if ('skip' in user) return
      const who = await run({ ...sh('id -u; echo err >/dev/stderr; pwd'), user: user.name })
      expect(who).toEqual({ output: `${user.uid}\nerr\n${sandbox.workspace}\n`, exitCode: 0 })
      const nobody = run({ ...sh('id'), user: 'no-such-user' })
      await expect(nobody).rejects.toMatchObject({
        code: 'UNKNOWN_USER',
        message: expect.stringContaining('no-such-user'),
      })
    })
  })
}

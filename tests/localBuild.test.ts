// `codeyard build` as a person uses it: kept environments, a shell at a breakpoint, and builds that follow the files.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dockerForTests, ensureBusyboxImage } from '../src/sandbox/testImages.ts'
import { atTerminal, type Person, withoutTerminal } from './harness/terminal.ts'

const engine = await dockerForTests()
// Docker's part is left out only where no Docker Engine answers.
const kinds = typeof engine === 'string' ? ['host'] : ['host', 'docker']
let image = ''
let top: string
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'codeyard-local-'))
  if (typeof engine !== 'string') image = await ensureBusyboxImage(engine)
}, 120_000)
afterAll(() => rm(top, { recursive: true, force: true }))

async function project(commands: readonly string[], files: Record<string, string> = {}): Promise<string> {
  const directory = await mkdtemp(join(top, 'project-'))
  const buildspec = JSON.stringify({ version: 0.2, phases: { build: { commands } } })
  for (const [name, text] of Object.entries({ 'buildspec.yml': buildspec, ...files })) {
    await mkdir(join(directory, name, '..'), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  return directory
}

function ended(person: Person): Promise<number | null> {
  onTestFinished(() => void person.process.kill('SIGKILL'))
  return person.over
}

describe.each(kinds)('on %s', { timeout: 90_000 }, kind => {
  const where = () => ['--sandbox', kind, ...(kind === 'docker' ? ['--image', image] : [])]

  test('a failed build is kept when asked for, entered with its environment, and removed', async () => {
    const directory = await project(['export COLOUR=green', 'echo made > made.txt', 'exit 3'])
    const build = withoutTerminal(['build', directory, '--keep-on-failure', '--env', 'SHAPE=round', ...where()])
    expect(await ended(build)).toBe(3)
    const [, name] = /kept as (local-[0-9a-f-]+)\./.exec(build.screen()) ?? []
    expect(build.screen()).toContain(`codeyard shell ${name} --remove`)
    const command = withoutTerminal(['shell', name!, '--', 'cat made.txt; echo "$SHAPE"; exit 4'])
    expect(await ended(command)).toBe(4)
    expect(command.screen()).toBe('made\nround\n')
    const words = withoutTerminal(['shell', name!, '--', 'printf', '%s|', 'one two', '--help'])
    expect(await ended(words)).toBe(0)
    expect(words.screen()).toBe('one two|--help|')
    const shell = atTerminal(['shell', name!])
    shell.type('echo "in-$((20+3))"; stty size; pwd\n')
    await shell.sees(/in-23[\r\n]+33 77[\r\n]+.*\/00[\r\n]+/)
    shell.type('sh -c \'echo be""gin; exec sleep 1000\'\n')
    await shell.sees(/[^"]begin[\r\n]+/)
    shell.type('\x03')
    await shell.sees(/\^C/)
    shell.type('\nexit 6\n')
    expect(await ended(shell)).toBe(6)
    expect(await ended(withoutTerminal(['shell', name!, '--remove']))).toBe(0)
    const gone = withoutTerminal(['shell', name!])
    expect(await ended(gone)).toBe(1)
    expect(gone.screen()).toContain(`there is no ${name} on this machine`)
  })

  test('a build that succeeds, and one that is interrupted, leave nothing although asked to keep', async () => {
    const before = await left()
    const good = withoutTerminal(['build', await project(['true']), '--keep-on-failure', ...where()])
    expect(await ended(good)).toBe(0)
    expect(good.screen()).not.toContain('kept as')
    const long = withoutTerminal([
      'build',
      await project(['echo be""gin', 'sleep 1000']),
      '--keep-on-failure',
      ...where(),
    ])
    await long.sees(/Running command sleep 1000/)
    long.process.kill('SIGINT')
    expect(await ended(long)).not.toBe(0)
    expect(await left()).toEqual(before)
  })

  test('what a build that was killed left goes with the next one, unless it was to be kept', async () => {
    const before = await left()
    const build = async (...options: string[]) => {
      const person = withoutTerminal(['build', await project(['exec sleep 1000']), ...options, ...where()])
      await person.sees(/Running command exec sleep 1000/)
      return person
    }
    const [passing, keeping, other] = await Promise.all([build(), build('--keep-on-failure'), build()])
    for (const killed of [passing!, keeping!]) {
      killed.process.kill('SIGKILL')
      await ended(killed)
    }
    expect(await ended(withoutTerminal(['build', await project(['true']), ...where()]))).toBe(0)
    const names = (await left()).filter(name => !before.includes(name))
    const kept = names.filter(name => /^local-[0-9a-f]{8}-/.test(name))
    const running = names.filter(name => name.startsWith(`local-${other!.process.pid}-`))
    expect([kept.length, running.length, names.length]).toEqual([1, 1, 2])
    expect(await ended(withoutTerminal(['shell', kept[0]!, '--remove']))).toBe(0)
    other!.process.kill('SIGINT')
    await ended(other!)
    expect(await left()).toEqual(before)
  })

  test('a breakpoint opens a shell where the build stands when a person is there, and is passed over when nobody is', async () => {
    const commands = [
      'export STEP=two; mkdir deep; cd deep',
      'codebuild-breakpoint',
      'cat said.txt',
      'codebuild-breakpoint',
    ]
    const directory = await project(commands)
    const person = atTerminal(['build', directory, ...where()])
    await person.sees(/leaving it goes on/)
    person.type('echo "$STEP-${PWD##*/}"; echo entered > said.txt; codebuild-resume; exit\n')
    await person.sees(/two-deep[\r\n]+[\s\S]*Build is resumed[\s\S]*entered[\r\n]+[\s\S]*leaving it goes on/)
    // The second one: without a word.
    person.type('exit\n')
    expect(await ended(person)).toBe(0)
    const nobody = withoutTerminal(['build', await project(['codebuild-breakpoint']), ...where()])
    expect(await ended(nobody)).toBe(0)
    expect(nobody.screen()).toContain('codebuild-breakpoint is ignored')
  })
})

/** What local builds left on this machine. */
async function left(): Promise<string[]> {
  const kept = await readdir(join(tmpdir(), `codeyard-builds-${process.getuid!()}`)).catch(() => [])
  const containers = typeof engine === 'string' ? [] : await engine.list({})
  return [...kept, ...containers.filter(name => name.startsWith('local-'))].sort()
}

describe('--watch', { timeout: 90_000 }, () => {
  test('builds again for each change that git would see, ends the build before, and leaves nothing', async () => {
    const directory = await project(
      ['cat in.txt', 'cp in.txt out.txt', 'if grep -q slow in.txt; then sleep 1000; fi', 'echo d""one $(cat in.txt)'],
      {
        'in.txt': 'first\n',
        '.gitignore': 'ignored/\n*.log\n',
        'ignored/a': '',
        'deep/b': '',
      },
    )
    const artifacts = join(directory, 'dist')
    const spec = JSON.parse(await readFile(join(directory, 'buildspec.yml'), 'utf8'))
    await writeFile(join(directory, 'buildspec.yml'), JSON.stringify({ ...spec, artifacts: { files: ['out.txt'] } }))
    const before = await temporary()
    const watching = withoutTerminal(['build', directory, '--watch', '--sandbox', 'host', '--artifacts', artifacts])
    const over = ended(watching)
    const built = async (text: string) => {
      await watching.sees(new RegExp(`\\ndone ${text}\\n[\\s\\S]*BUILD +SUCCEEDED\\n[\\s\\S]*Waiting for changes`))
      expect(await readFile(join(artifacts, 'out.txt'), 'utf8')).toBe(`${text}\n`)
    }
    await built('first')
    // Neither of these is a change; the one after them is, and the only one that is named.
    await writeFile(join(directory, 'ignored/a'), 'x')
    await writeFile(join(directory, 'deep/some.log'), 'x')
    await writeFile(join(directory, 'in.txt'), 'second\n')
    await built('second')
    expect(watching.screen()).toMatch(/\nChanged: in\.txt\n/)
    // A new directory is seen, and what is in it.
    await mkdir(join(directory, 'new'))
    await watching.sees(/Changed: new\n/)
    await expect.poll(() => watching.screen().match(/Waiting for changes/g)?.length, { timeout: 40_000 }).toBe(3)
    await writeFile(join(directory, 'new/c'), 'x')
    await watching.sees(/Changed: new\/c\n/)
    await writeFile(join(directory, 'in.txt'), 'slow\n')
    await watching.sees(
      /Running command if grep[\s\S]*Running command if grep[\s\S]*\nslow\n[\s\S]*Running command if grep/,
    )
    await writeFile(join(directory, 'in.txt'), 'third\n')
    await built('third')
    expect(watching.screen()).toMatch(/BUILD +STOPPED/)
    watching.process.kill('SIGINT')
    expect(await over).toBe(0)
    expect(await temporary()).toEqual(before)
  })

  const temporary = async () => (await readdir(tmpdir())).filter(name => name.startsWith('codeyard-build-')).sort()
})

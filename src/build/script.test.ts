import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { parseBuildspec } from '../specs/buildspec/parseBuildspec.ts'
import { markerReader } from './markers.ts'
import { compileBuild } from './script.ts'

const made: string[] = []
afterEach(() => Promise.all(made.splice(0).map(directory => rm(directory, { recursive: true, force: true }))))

/** Runs a buildspec's scripts with the real shell; answers markers and output in order, command starts left out. */
async function run(
  text: string,
  { exported = [] as string[], names = {} as Record<string, string>, answer = '' } = {},
) {
  const { buildspec, diagnostics } = parseBuildspec(text)
  if (!buildspec) throw new Error(JSON.stringify(diagnostics))
  const top = await mkdtemp(join(tmpdir(), 'codeyard-script-'))
  made.push(top)
  await chmod(top, 0o755)
  const directory = join(top, 'run')
  const sourceDirectory = join(top, 'src')
  await mkdir(directory)
  await mkdir(sourceDirectory)
  const { files } = compileBuild({
    spec: buildspec,
    directory,
    sourceDirectory,
    nonce: 'n0nce',
    exported,
    artifactNames: names,
  })
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
  const env = { PATH: process.env.PATH!, HOME: top, CODEBUILD_SRC_DIR: sourceDirectory }
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$1" 2>&1', '/bin/sh', join(directory, 'drive.sh')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const reader = markerReader('n0nce')
  const seen: string[] = []
  for await (const chunk of child.stdout) {
    for (const part of reader.read(chunk)) {
      if (part.kind === 'bytes') seen.push(part.bytes.toString().replaceAll(top, 'TOP'))
      else if (part.words[0] !== 'begin') seen.push(`<${part.words.join(' ')}>`)
      if (part.kind === 'marker' && part.words[0] === 'ask') await writeFile(join(directory, 'answer'), `${answer}\n`)
    }
  }
  return seen
    .join('')
    .replaceAll(/<end \d+ /g, '<')
    .replaceAll(/<(enter|leave) (\w+) ?/g, '<$1 $2 ')
}
const build = (commands: string[], more = '') =>
  `version: 0.2\n${more}phases:\n  build:\n    commands:\n${commands.map(c => `      - ${JSON.stringify(c)}\n`).join('')}`
const onlyBuild = (output: string) => /<enter BUILD >(.*?)<leave BUILD (\d)>/s.exec(output)?.slice(1)

describe.each(['/bin/sh', 'bash'])('one shell (%s)', shell => {
  const env = `env:\n  shell: ${shell}\n`
  test.each<[string, string[], string, string]>([
    [
      'cd, exports, variables and functions persist',
      ['cd /tmp', 'A=1', 'export B=2', 'f() { echo "$A$B $PWD"; }', 'f'],
      '<0><0><0><0>12 /tmp\n<0>',
      '0',
    ],
    [
      'exit ends the command, not the build, and its variables live on',
      ['A=kept; export B=too', 'cd /tmp; exit 0', 'echo $A $B $PWD'],
      '<0><0>kept too /tmp\n<0>',
      '0',
    ],
    ['exit 3 fails the phase', ['exit 3', 'echo never'], '<3>', '1'],
    ['set -e stops a command at its first failure and stays', ['set -e', 'false\necho never'], '<0><1>', '1'],
    ['set -e with good commands goes on', ['set -e', 'true', 'echo on'], '<0><0>on\n<0>', '0'],
    ['standard input is empty', ['cat; read x; echo "[$x]"'], '[]\n<0>', '0'],
    ['IFS may be anything', ['IFS=0123456789', 'echo fine'], '<0>fine\n<0>', '0'],
    [
      'exec replaces the shell and the build goes on',
      ['A=1', 'exec sh -c "exit 0"', 'echo after'],
      '<0><0>after\n<0>',
      '0',
    ],
    ['a syntax error fails with a message', ['echo "unterminated'], 'ANY', '1'],
    ['an unknown command is 127', ['no-such-command-here 2>/dev/null'], '<127>', '1'],
    ['output may be redirected for good', ['exec >/dev/null', 'echo hidden'], '<0><0>', '0'],
    ['functions named like builtins do no harm', ['printf() { :; }', 'echo ok'], '<0>ok\n<0>', '0'],
    ['return is no crash', ['return 4'], '<4>', '1'],
    ['output without newline', ['echo -n a || :', "printf 'b'"], 'ANY', '0'],
    ['set -u fails on unset variables', ['set -u', 'echo $NOT_SET_AT_ALL 2>/dev/null'], 'ANY', '1'],
    ['a killed shell fails the command', ['kill -9 $$', 'echo never'], 'ANY', '1'],
  ])('%s', async (_name, commands, output, failed) => {
    const result = onlyBuild(await run(build(commands, env)))
    if (output !== 'ANY') expect(result).toEqual([output, failed])
    else expect(result?.[1]).toBe(failed)
  })

  test('values with newlines and quotes survive an exit', async () => {
    const output = await run(build([`V="a'b\n\\"c\\" d=e"`, 'exit 0', 'printf %s "$V"'], env))
    expect(onlyBuild(output)?.[0]).toBe(`<0><0>a'b\n"c" d=e<0>`)
  })
})

test('phases follow the rules, CODEBUILD_BUILD_SUCCEEDING tells, finally always runs', async () => {
  const output = await run(`version: 0.2
phases:
  install: { commands: [echo i], finally: [echo if] }
  build: { commands: ['false', echo never], finally: ['echo f$CODEBUILD_BUILD_SUCCEEDING'] }
  post_build: { commands: ['echo p$CODEBUILD_BUILD_SUCCEEDING'] }
`)
  expect(output).toBe(
    '<enter INSTALL >i\n<0>if\n<0><leave INSTALL 0><enter PRE_BUILD ><leave PRE_BUILD 0>' +
      '<enter BUILD ><1>f0\n<0><leave BUILD 1><enter POST_BUILD >p0\n<0><leave POST_BUILD 0><done>',
  )
})

test('a failed INSTALL skips to the end, where exported variables and artifact names are read', async () => {
  const output = await run(
    'version: 0.2\nphases:\n  install: { commands: ["export V=\\"a\\nb\\"", "false"] }\n  build: { commands: [echo never] }\n',
    { exported: ['V', 'NONE'], names: { '': 'app-$V-$(echo x)' } },
  )
  expect(output).toBe(
    '<enter INSTALL ><0><1><leave INSTALL 1><var V>a\nb<endvar><var NONE><endvar><name ->app-a\nb-x<endname><done>',
  )
})

test('RETRY runs the phase again, with what it left behind', async () => {
  const output = await run(
    'version: 0.2\nphases:\n  build:\n    on-failure: RETRY-2\n    commands: ["N=x$N; echo $N", "[ $N = xxx ]"]\n  post_build: { commands: [echo "s$CODEBUILD_BUILD_SUCCEEDING"] }\n',
  )
  expect(output).toContain(
    '<enter BUILD >x\n<0><1><retry BUILD 1><enter BUILD >xx\n<0><1><retry BUILD 2><enter BUILD >xxx\n<0><0><leave BUILD 0>',
  )
  expect(output).toContain('s1\n')
})

test.each([
  ['retry', 2],
  ['stop', 1],
])('RETRY with a pattern asks: %s', async (answer, times) => {
  const output = await run(
    'version: 0.2\nphases:\n  build: { on-failure: RETRY-1-.*net.*, commands: [echo try, "false"] }\n',
    { answer },
  )
  expect(output.split('try\n')).toHaveLength(times + 1)
  expect(output).toContain('<leave BUILD 1>')
})

test('0.1 runs each command in a shell of its own', async () => {
  const output = await run('version: 0.1\nphases:\n  build: { commands: ["A=1; cd /", "echo [$A] $PWD"] }\n')
  expect(onlyBuild(output)?.[0]).toBe('<0>[] TOP/src\n<0>')
})

test('a shell that is not there is said', async () => {
  expect(await run(build(['true'], 'env:\n  shell: zsh-not-here\n'))).toContain(
    '<broken the shell zsh-not-here is not in',
  )
})

test('run-as runs a phase as that user, variables go along', async () => {
  if (process.getuid?.() !== 0) return
  const output = await run(
    'version: 0.2\nphases:\n  install: { commands: [export A=1] }\n  build: { run-as: nobody, commands: [echo $A $(id -un)] }\n  post_build: { commands: [id -un] }\n',
  )
  // The test's directory belongs to root alone: only the user and the variables matter here.
  expect(output).toMatch(/1 nobody\n.*root\n/s)
})

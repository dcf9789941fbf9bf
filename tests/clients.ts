// The real clients of this machine: every aws command line and every Python with boto3. Two generations of botocore are two clients,
// since they differ in protocols, checksums and how they find an endpoint; the older one is Debian's.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { within } from '../src/core/bounded.ts'
import type { Yard } from './harness/yard.ts'

const run = promisify(execFile)
const DEBIAN = '/usr/bin'
const COMMAND_TIMEOUT = 120_000
const NO_KEYS = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', AWS_CONFIG_FILE: '/dev/null' }
/** Whose models are read in advance. */
const SERVICES = 'iam sts s3 codecommit codebuild codedeploy codepipeline events sns logs cloudtrail'.split(' ')

export interface CliProgram {
  /** Such as `aws-cli/2.9.19`. */
  readonly name: string
  /** The name for use in names of resources: `aws-2-9-19`. */
  readonly slug: string
  readonly path: string
  /** What runs it, from its first line. */
  readonly python: string
  /** Since 2023 AWS_ENDPOINT_URL names the endpoint. */
  readonly readsEndpointVariable: boolean
}

export interface PythonProgram {
  /** Such as `boto3 1.26.27`. */
  readonly name: string
  readonly slug: string
  readonly path: string
}

const attempt = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined)
const slugOf = (name: string) => name.replace(/[^a-zA-Z0-9]+/g, '-').toLowerCase()

/** Programs of this name on the PATH and Debian's. */
const candidates = (name: string) => [
  ...new Set([...(process.env.PATH ?? '').split(delimiter), DEBIAN].map(folder => join(folder, name))),
]

async function cliAt(candidate: string): Promise<CliProgram | undefined> {
  const text = await attempt(readFile(candidate, 'utf8'))
  if (text === undefined) return undefined
  // pyenv puts a shell script before the program.
  const shim = text.includes('pyenv')
  const path = await attempt(
    realpath(shim ? (await run('pyenv', ['which', 'aws'], { timeout: 30_000 })).stdout.trim() : candidate),
  )
  const python = path && /^#!\s*(\S*python\S*)/.exec(await readFile(path, 'utf8'))?.[1]
  if (!python) return undefined
  const version = (await attempt(run(path, ['--version'], { timeout: 60_000 })))?.stdout
  const [name, major, minor] = /^aws-cli\/(\d+)\.(\d+)\S*/.exec(version ?? '') ?? []
  if (!name) return undefined
  const readsEndpointVariable = Number(major) === 1 ? Number(minor) >= 29 : Number(minor) >= 13
  return { name, slug: slugOf(name), path, python, readsEndpointVariable }
}

async function pythonAt(path: string): Promise<(PythonProgram & { readonly file: string }) | undefined> {
  const program = 'import boto3; print(boto3.__version__, boto3.__file__)'
  const answer = (await attempt(run(path, ['-c', program], { timeout: 60_000 })))?.stdout.trim()
  if (!answer) return undefined
  const [version, file] = answer.split(' ')
  const name = `boto3 ${version}`
  return { name, slug: slugOf(name), path, file: file! }
}

async function all<T>(name: string, look: (path: string) => Promise<T | undefined>, identity: (one: T) => string) {
  const found = new Map<string, T>()
  for (const one of await Promise.all(candidates(name).map(look))) if (one) found.set(identity(one), one)
  return [...found.values()]
}

/** Every aws command line of this machine. In CI Debian's has to be there: the test command installs it. */
export async function findClis(): Promise<readonly CliProgram[]> {
  const clis = await all('aws', cliAt, ({ path }) => path)
  if (process.env.CI && !clis.some(({ path }) => path.startsWith(`${DEBIAN}/`)))
    throw new Error("Debian's aws command line is missing: apt-get install awscli")
  return clis
}

/** Every Python with boto3 of this machine. In CI Debian's has to be there. */
export async function findPythons(): Promise<readonly PythonProgram[]> {
  const pythons = await all('python3', pythonAt, ({ file }) => file)
  if (process.env.CI && !pythons.some(({ file }) => file.startsWith(`${DEBIAN}/lib`) || file.startsWith('/usr/lib')))
    throw new Error("Debian's boto3 is missing: apt-get install python3-boto3")
  return pythons
}

export interface Keys {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken?: string
}

type Value = string | number | boolean | object | readonly string[]

/**
 * One command: words of the text are arguments, a value is never split (an array is several arguments, an object is JSON). Answers the
 * command's output, read when it is JSON; rejects with what the command said.
 */
export interface Aws {
  (text: TemplateStringsArray, ...values: Value[]): Promise<any>
  /** The same with other credentials. */
  as(keys: Keys): Aws
  /** The same with more environment. */
  with(env: NodeJS.ProcessEnv): Aws
  readonly home: string
  readonly slug: string
  close(): Promise<void>
}

/** An aws command line that works on this Codeyard, in a directory of its own. */
export async function openCli(program: CliProgram, yard: Yard): Promise<Aws> {
  const home = await mkdtemp(join(tmpdir(), 'codeyard-cli-'))
  await writeFile(
    join(home, 'config'),
    '[default]\noutput = json\ncli_binary_format = raw-in-base64-out\n', // of the second generation only
  )
  const warm = await startWarm(program)
  let next = 0
  const environment = { ...yard.env, HOME: home, AWS_CONFIG_FILE: join(home, 'config'), AWS_MAX_ATTEMPTS: '2' }
  const place = program.readsEndpointVariable ? [] : ['--endpoint-url', yard.endpoint]

  async function execute(args: readonly string[], env: NodeJS.ProcessEnv): Promise<any> {
    const answers = join(home, '.answers', String(next++))
    await mkdir(answers, { recursive: true })
    const status = await within(
      COMMAND_TIMEOUT,
      `aws ${args.join(' ')} does not end`,
      warm.run({ args: [...place, ...args], env: { ...environment, ...env }, cwd: home, answers }),
    )
    const [stdout, stderr] = await Promise.all(['stdout', 'stderr'].map(name => readFile(join(answers, name), 'utf8')))
    if (status !== 0)
      throw new Error(`aws ${args.join(' ')} ended with ${status}: ${stderr!.trim()}\n${stdout!.trim()}`)
    return /^\s*["[{]/.test(stdout!) ? JSON.parse(stdout!) : stdout!.trim()
  }

  const withEnvironment = (env: NodeJS.ProcessEnv): Aws =>
    Object.assign((text: TemplateStringsArray, ...values: Value[]) => execute(words(text, values), env), {
      as: ({ AccessKeyId, SecretAccessKey, SessionToken }: Keys) =>
        withEnvironment({
          ...env,
          AWS_ACCESS_KEY_ID: AccessKeyId,
          AWS_SECRET_ACCESS_KEY: SecretAccessKey,
          ...(SessionToken ? { AWS_SESSION_TOKEN: SessionToken } : {}),
        }),
      with: (more: NodeJS.ProcessEnv) => withEnvironment({ ...env, ...more }),
      home,
      slug: program.slug,
      async close() {
        await warm.close()
        await rm(home, { recursive: true, force: true })
      },
    })
  return withEnvironment({})
}

function words(text: TemplateStringsArray, values: readonly Value[]): string[] {
  const found: string[] = []
  let glued = false // the next piece belongs to the last word
  const add = (piece: string) => {
    if (glued) found[found.length - 1] += piece
    else found.push(piece)
  }
  text.forEach((literal, index) => {
    const pieces = literal.split(/\s+/)
    pieces.forEach((piece, at) => {
      if (at > 0) glued = false
      if (piece === '') return
      add(piece)
      glued = true
    })
    const value = values[index]
    if (index >= values.length) return
    if (Array.isArray(value) && value.every(one => typeof one === 'string')) {
      found.push(...value)
      glued = false
    } else {
      add(typeof value === 'object' ? JSON.stringify(value) : String(value))
      glued = true
    }
  })
  return found
}

interface WarmJob {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly answers: string
}

async function startWarm({ python, path }: CliProgram) {
  const script = fileURLToPath(new URL('clients/warmCli.py', import.meta.url))
  const child: ChildProcess = spawn(python, ['-s', script, path, ...SERVICES], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: tmpdir(), AWS_MAX_ATTEMPTS: '1', ...NO_KEYS },
  })
  const waiting = new Map<string, (status: number) => void>()
  const exited = once(child, 'exit')
  const ready = Promise.withResolvers<void>()
  void exited.then(([code]) => ready.reject(new Error(`${path} ended with ${code}`)))
  createInterface({ input: child.stdout! }).on('line', line => {
    if (line === 'ready') return ready.resolve()
    const [id, status] = line.split(' ')
    waiting.get(id!)?.(Number(status))
    waiting.delete(id!)
  })
  await within(60_000, `${path} does not start`, ready.promise)
  let next = 0
  return {
    run(job: WarmJob): Promise<number> {
      const id = String(next++)
      child.stdin!.write(`${JSON.stringify({ id, ...job })}\n`)
      return new Promise(resolve => waiting.set(id, resolve))
    },
    async close() {
      child.stdin!.end()
      await within(30_000, `${path} does not end`, exited)
    },
  }
}

/** Runs a Python program on this Codeyard; answers what it printed. */
export async function runPython(
  { path }: PythonProgram,
  yard: Yard,
  program: string,
  args: readonly string[] = [],
): Promise<string> {
  const env = { ...yard.env, AWS_EC2_METADATA_DISABLED: 'true' }
  const { stdout } = await run(path, ['-W', 'ignore', '-c', program, ...args], { env, timeout: COMMAND_TIMEOUT })
  return stdout.trim()
}

/** What `look` answers once `arrived` says yes to it; the last answer is in the error. */
export async function until<T>(
  look: () => Promise<T>,
  arrived: (answer: T) => boolean,
  { patience = 60_000, pause = 100 }: { patience?: number; pause?: number } = {},
): Promise<T> {
  const end = performance.now() + patience
  for (;;) {
    const answer = await look()
    if (arrived(answer)) return answer
    if (performance.now() > end)
      throw new Error(`not within ${patience / 1000} s; last: ${JSON.stringify(answer, null, 1)}`)
    await new Promise(resolve => setTimeout(resolve, pause))
  }
}

/** What a suite asks of its server at the end: nothing went wrong inside. */
export function unexpectedErrors(yard: Yard): string[] {
  return yard
    .log()
    .split('\n')
    .filter(line => /failed unexpectedly|"level":(50|60)|"level":"(error|fatal)"/.test(line))
}

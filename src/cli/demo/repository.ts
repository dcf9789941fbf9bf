// The demo's working copy: the sample application as a git repository that pushes to Codeyard.

import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const sample = fileURLToPath(new URL('../../../examples/web-node', import.meta.url))
const PUSH_TIMEOUT = 120_000

export interface WorkingCopy {
  readonly directory: string
  /** Commits what is there and pushes it; the commit's id. */
  push(message: string): Promise<string>
  /** Changes what the service says. */
  changeGreeting(to: string): Promise<void>
}

export interface GitLogin {
  readonly userName: string
  readonly password: string
}

/** A fresh copy in `directory` that pushes to `url`; the service will be installed in `home`. */
export async function makeWorkingCopy(
  directory: string,
  url: string,
  login: GitLogin,
  home: string,
): Promise<WorkingCopy> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  await cp(sample, directory, { recursive: true })
  // The sample installs itself below /opt, which belongs to the machine; the demo keeps to its own directory.
  const appspec = join(directory, 'appspec.yml')
  await writeFile(appspec, (await readFile(appspec, 'utf8')).replaceAll('/opt/web-node', home))
  const git = (...args: string[]) =>
    run('git', args, { cwd: directory, env: gitEnvironment(url, login), timeout: PUSH_TIMEOUT })
  await git('init', '-q', '-b', 'main')
  await git('remote', 'add', 'origin', url)
  return {
    directory,
    async push(message) {
      await git('add', '-A')
      await git('commit', '-q', '--allow-empty', '-m', message)
      await git('push', '-q', '--force', 'origin', 'main')
      return (await git('rev-parse', 'HEAD')).stdout.trim()
    },
    async changeGreeting(to) {
      const file = join(directory, 'greeting.js')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace(/return `\w+,/, `return \`${to},`))
    },
  }
}

/** The password goes through the environment, never through arguments that every user of the machine can see. */
function gitEnvironment(url: string, { userName, password }: GitLogin): NodeJS.ProcessEnv {
  const basic = Buffer.from(`${userName}:${password}`).toString('base64')
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME ?? '/',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_AUTHOR_NAME: 'Codeyard demo',
    GIT_AUTHOR_EMAIL: 'demo@codeyard.invalid',
    GIT_COMMITTER_NAME: 'Codeyard demo',
    GIT_COMMITTER_EMAIL: 'demo@codeyard.invalid',
  }
}

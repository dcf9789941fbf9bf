// A person's shell: after `eval "$(codeyard env)"` the programs aws and git just work, without any configuration.

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findClis, unexpectedErrors } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../../codeyard', import.meta.url))
const clis = await findClis()

let yard: Yard
let home: string
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
  home = await mkdtemp(join(tmpdir(), 'codeyard-shell-'))
})
afterAll(async () => {
  const errors = unexpectedErrors(yard)
  await yard.close()
  await rm(home, { recursive: true, force: true })
  expect(errors).toEqual([])
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  test('aws and git work after eval "$(codeyard env)"', async () => {
    const script = `
set -eu
eval "$("${launcher}" env --data "${yard.dataDir}")"
cd "$HOME"
aws sts get-caller-identity --query Arn --output text
url=$(aws codecommit create-repository --repository-name ${program.slug} --query repositoryMetadata.cloneUrlHttp --output text)
git init -q -b main ${program.slug}
cd ${program.slug}
git -c user.name=Ada -c user.email=ada@example.com commit -q --allow-empty -m first
git push -q "$url" main
git ls-remote "$url" refs/heads/main | cut -f1
aws codecommit get-branch --repository-name ${program.slug} --branch-name main --query branch.commitId --output text
`
    // Nothing of this machine's settings; this program is the aws of the PATH.
    const env = {
      PATH: `${dirname(program.path)}:${process.env.PATH}`,
      HOME: home,
      LANG: 'C.UTF-8',
      GIT_TERMINAL_PROMPT: '0',
    }
    const { stdout } = await run('sh', ['-c', script], { env, timeout: 90_000 })
    const [arn, pushed, read] = stdout.trim().split('\n')
    expect(arn).toBe('arn:aws:iam::000000000000:root')
    expect(pushed).toMatch(/^[0-9a-f]{40}$/)
    expect(read).toBe(pushed)
  })
})

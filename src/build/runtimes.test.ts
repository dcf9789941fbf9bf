import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createHostProvider } from '../sandbox/host/hostProvider.ts'
import { checkRuntimes, isMet, versionIn } from './runtimes.ts'

test.each([
  ['18', '18.20.1', true],
  ['18', '20.1.0', false],
  ['3.12', '3.12.4', true],
  ['3.1', '3.12.4', false],
  ['3.x', '3.9.0', true],
  ['latest', '1.2', true],
  ['corretto17', '17.0.9', true],
  ['corretto8', '11.0.1', false],
])('%s by %s: %s', (wanted, version, met) => expect(isMet(wanted, version)).toBe(met))

test.each([
  ['java', 'openjdk version "1.8.0_402"', '8.0'],
  ['java', 'openjdk version "17.0.9" 2023-10-17', '17.0.9'],
  ['golang', 'go version go1.22.1 linux/amd64', '1.22.1'],
  ['docker', 'Docker version 26.1.5, build a72d7cd', '26.1.5'],
])('%s says %j, which is %s', (runtime, text, version) => expect(versionIn(runtime, text)).toBe(version))

test('what is there is said, what is not is named', async () => {
  const root = await mkdtemp(join(tmpdir(), 'codeyard-runtimes-'))
  const sandbox = await createHostProvider({ root }).create({ name: 'runtimes', labels: {} })
  const said: string[] = []
  const check = (wanted: Record<string, string>) =>
    checkRuntimes(sandbox, wanted, {}, async text => void said.push(text))
  try {
    await check({ nodejs: 'latest' })
    expect(said.join('\n')).toMatch(/Using nodejs \d+\.\d+\.\d+ of this host; no runtime is installed/)
    await expect(check({ nodejs: '4' })).rejects.toThrow(
      /^Unknown runtime version named '4' of nodejs. This build image has the following versions: \d/,
    )
    expect(said.at(-1)).toMatch(
      /^Builds on this host use the runtimes that are installed on it: install nodejs 4 here, or build in Docker with/,
    )
    await expect(check({ fortran: '77' })).rejects.toThrow(/^Unknown runtime named 'fortran'.*nodejs/)
  } finally {
    await sandbox.destroy()
    await rm(root, { recursive: true, force: true })
  }
})

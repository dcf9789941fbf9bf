// Whether a build environment has the runtimes that the buildspec selects: nothing is installed for it, so what is missing fails by name.

import { randomBytes } from 'node:crypto'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { BuildFailure } from './build.ts'

// AWS: the names of runtimes [runtime-versions]. Each with what prints its version.
const PROBES: Readonly<Record<string, string>> = {
  docker: 'docker --version',
  dotnet: 'dotnet --version',
  golang: 'go version',
  java: 'java -version',
  nodejs: 'node --version',
  php: 'php --version',
  python: 'python3 --version || python --version',
  ruby: 'ruby --version',
}

/** Throws BuildFailure naming the first runtime or version that is not there. */
export async function checkRuntimes(
  sandbox: Sandbox,
  wanted: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
  say: (text: string) => Promise<void>,
): Promise<void> {
  const names = Object.keys(wanted)
  if (names.length === 0) return
  const found = await versionsIn(sandbox, environment)
  for (const name of names) {
    const version = expanded(wanted[name]!, environment)
    await say(`Selecting '${name}' runtime version '${version}' based on manual selections...`)
    const here = found[name]
    if (here === undefined) {
      // AWS: `Unknown runtime named 'x'. This build image has the following runtimes: ...` (YAML_FILE_ERROR).
      const runtimes = Object.keys(found).sort().join(', ') || 'none'
      throw new BuildFailure(
        'YAML_FILE_ERROR',
        `Unknown runtime named '${name}'. This build image has the following runtimes: ${runtimes}`,
      )
    }
    if (!isMet(version, here)) {
      // AWS: verbatim but for the values [troubleshooting].
      throw new BuildFailure(
        'YAML_FILE_ERROR',
        `Unknown runtime version named '${version}' of ${name}. This build image has the following versions: ${here}`,
      )
    }
    await say(`Using ${name} ${here} of this build environment; no runtime is installed`)
  }
}

// AWS: "You can specify the runtime using a number or an environment variable": `ruby: "$MY_RUBY_VAR"` [build-spec-ref].
const expanded = (text: string, environment: Readonly<Record<string, string>>) =>
  text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => environment[braced ?? bare!] ?? '')

/** `18`, `3.12`, `3.x`, `latest`, `corretto17`, `1.22.x`: the parts that are given must be equal. */
export function isMet(wanted: string, version: string): boolean {
  const text = wanted.trim().replace(/^(corretto|openjdk|v)/i, '')
  if (text === 'latest' || text === 'x' || text === '*') return true
  const parts = version.split('.')
  return text.split('.').every((part, at) => part === 'x' || part === '*' || part === parts[at])
}

/** The version in what a program says of itself; Java 8 calls itself 1.8. */
export function versionIn(runtime: string, text: string): string | undefined {
  const [version] = /\d+(\.\d+)*/.exec(text.replace(/^[^\d]*\bdocker\b/i, '')) ?? []
  return runtime === 'java' ? version?.replace(/^1\.(?=[1-8]\b)/, '') : version
}

async function versionsIn(sandbox: Sandbox, env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const script = Object.entries(PROBES).map(
    ([name, probe]) => `if v=$({ ${probe}; } 2>&1); then printf '${name}\\036%s\\035' "$v"; fi`,
  )
  const argv = ['/bin/sh', '-c', script.join('\n')]
  const run = await sandbox.run(`runtimes-${randomBytes(6).toString('hex')}`, { argv, env })
  const text = Buffer.concat(await run.output.toArray()).toString()
  await run.result
  const found: Record<string, string> = {}
  for (const line of text.split('\x1d')) {
    const [name = '', said = ''] = line.split('\x1e')
    const version = versionIn(name, said)
    if (version) found[name] = version
  }
  return found
}

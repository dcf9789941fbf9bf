// Whether a build environment has the runtimes that the buildspec selects: nothing is installed for it, so what is missing fails by name.
// DEVIATES: AWS's images install other versions of a runtime than theirs from the network [runtime-versions]; here a version that is not in the environment fails the build.

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
  const place = sandbox.kind === 'host' ? 'this host' : 'this build environment'
  const found = await versionsIn(sandbox, environment, names)
  const versions = names.map(name => [name, expanded(wanted[name]!, environment)] as const)
  for (const [name, version] of versions) {
    await say(`Selecting '${name}' runtime version '${version}' based on manual selections...`)
  }
  for (const [name, version] of versions) {
    const here = found[name]
    if (here !== undefined && isMet(version, here)) {
      await say(`Using ${name} ${here} of ${place}; no runtime is installed`)
      continue
    }
    if (sandbox.kind === 'host') {
      await say(
        `Builds on this host use the runtimes that are installed on it: install ${name} ${version} here, or build in Docker with an image that has it`,
      )
    }
    throw new BuildFailure('YAML_FILE_ERROR', await refusal(name, version, here))
  }

  // AWS: both sentences as builds print them (public logs, such as awslabs/open-data-registry, issue 1082), after a `Selecting` line for each.
  async function refusal(name: string, version: string, here: string | undefined): Promise<string> {
    if (here !== undefined)
      return `Unknown runtime version named '${version}' of ${name}. This build image has the following versions: ${here}`
    const all = await versionsIn(sandbox, environment, Object.keys(PROBES))
    const runtimes = Object.keys(all).sort().join(', ') || 'none'
    return `Unknown runtime named '${name}'. This build image has the following runtimes: ${runtimes}`
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

/** Only the asked for are started: some take their time to say who they are. */
async function versionsIn(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Promise<Record<string, string>> {
  const script = names
    .filter(name => Object.hasOwn(PROBES, name))
    .map(name => `if v=$({ ${PROBES[name]}; } 2>&1); then printf '${name}\\036%s\\035' "$v"; fi`)
  if (script.length === 0) return {}
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

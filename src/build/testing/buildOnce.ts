// One build of a text through the engine, with ports that remember: what a test of the engine needs and no more.

import { randomUUID } from 'node:crypto'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import { tarOfTexts } from '../archives.ts'
import type { BuildPlan, BuildPorts, BuildResult, Progress } from '../build.ts'
import { runBuild } from '../runBuild.ts'

export interface BuildOnce {
  readonly provider: SandboxProvider
  readonly buildspec: string
  readonly image?: string
  readonly name?: string
  /** The files of the source. */
  readonly source?: Readonly<Record<string, string>>
  /** Goes on from here. */
  readonly from?: Progress
  readonly ports?: Partial<BuildPorts>
}

export interface BuildSeen extends BuildResult {
  readonly log: string
  /** Names of the files of the primary artifact; undefined when none was stored. */
  readonly uploaded: readonly string[] | undefined
}

export const beginning = (): Progress => ({
  state: { phase: 'PROVISIONING', retries: 0 },
  phases: [{ phase: 'PROVISIONING', start: new Date() }],
  exported: [],
})

export async function buildOnce({ provider, buildspec, image, ...rest }: BuildOnce): Promise<BuildSeen> {
  const { name = `test-${randomUUID()}`, source = {}, from = beginning(), ports } = rest
  const log: string[] = []
  let uploaded: string[] | undefined
  const plan: BuildPlan = {
    sandbox: { name, image, labels: { 'codeyard.test': 'engine' } },
    buildspec: { text: buildspec },
    projectEnvironment: {},
    startBuildEnvironment: {},
    artifacts: [''],
    greeting: [],
  }
  const result = await runBuild(
    plan,
    provider,
    {
      now: () => new Date(),
      log: text => void log.push(text),
      async download(sandbox, { primary }) {
        await sandbox.put(primary, tarOfTexts(source))
        return { environment: {} }
      },
      environment: async (_sandbox, sourceDirectory) => ({
        documented: { CODEBUILD_SRC_DIR: sourceDirectory, CODEBUILD_BUILD_SUCCEEDING: '1' },
        secrets: [],
      }),
      resolve: async () => ({}),
      async upload({ files }) {
        uploaded = []
        for await (const file of files()) {
          uploaded.push(file.path)
          file.content.resume()
        }
        return uploaded.length
      },
      save: async () => {},
      signal: new AbortController().signal,
      ...ports,
    },
    from,
  )
  return { ...result, log: log.join(''), uploaded }
}

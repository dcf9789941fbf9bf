// Follows one execution of a pipeline in the terminal: stages, actions, seconds, the lines of builds, and what failed.

import { setTimeout as delay } from 'node:timers/promises'
import type { ActionExecutionDetail } from '@aws-sdk/client-codepipeline'
import type { Clients } from './clients.ts'

export interface Followed {
  readonly status: string
  /** Seconds of each stage, by name. */
  readonly seconds: Readonly<Record<string, number>>
  readonly failure?: { readonly action: string; readonly message: string; readonly lines: readonly string[] }
}

export interface FollowOptions {
  readonly pipeline: string
  readonly executionId: string
  readonly say: (line: string) => void
  /** Gives up after so many ms (default 1 hour). */
  readonly patience?: number
  readonly signal?: AbortSignal
}

const EVERY = 150
/** How many of the last lines of a failed build are shown. */
const TAIL = 20

export async function followExecution(clients: Clients, options: FollowOptions): Promise<Followed> {
  const { pipeline, executionId, say, patience = 3_600_000, signal } = options
  const shown = new Map<string, string>()
  const builds = new Map<string, BuildLog>()
  const started = performance.now()
  for (;;) {
    signal?.throwIfAborted()
    const { pipelineExecution } = await clients.codepipeline.getPipelineExecution({
      pipelineName: pipeline,
      pipelineExecutionId: executionId,
    })
    const runs = await runsOf(clients, pipeline, executionId)
    for (const run of runs) {
      const { actionExecutionId: id, actionName, stageName, status } = run
      if (isBuild(run) && !builds.has(id!))
        builds.set(id!, buildLog(clients, run.output!.executionResult!.externalExecutionId!))
      if (status !== 'InProgress') await builds.get(id!)?.drain(say)
      if (shown.get(id!) === status) continue
      shown.set(id!, status!)
      say(
        `${mark(status!)} ${stageName}/${actionName} ${status === 'InProgress' ? 'started' : `${status!.toLowerCase()} after ${secondsOf(run).toFixed(1)} s`}`,
      )
    }
    for (const log of builds.values()) await log.drain(say)
    const status = pipelineExecution!.status!
    if (status !== 'InProgress' && status !== 'Stopping') {
      const failed = runs.find(run => run.status === 'Failed')
      return {
        status,
        seconds: stageSeconds(runs),
        ...(failed ? { failure: failureOf(failed, builds.get(failed.actionExecutionId!)) } : {}),
      }
    }
    if (performance.now() - started > patience)
      throw new Error(`execution ${executionId} of ${pipeline} is still ${status} after ${patience / 1000} s`)
    await delay(EVERY, undefined, { signal })
  }
}

/** Oldest first. */
async function runsOf(
  clients: Clients,
  pipelineName: string,
  pipelineExecutionId: string,
): Promise<ActionExecutionDetail[]> {
  const { actionExecutionDetails } = await clients.codepipeline.listActionExecutions({
    pipelineName,
    filter: { pipelineExecutionId },
  })
  return (actionExecutionDetails ?? []).reverse()
}

const isBuild = ({ input, output }: ActionExecutionDetail) =>
  input?.actionTypeId?.provider === 'CodeBuild' && output?.executionResult?.externalExecutionId !== undefined

const mark = (status: string) => ({ InProgress: '->', Succeeded: 'ok', Failed: '!!', Abandoned: '--' })[status] ?? '  '

const secondsOf = ({ startTime, lastUpdateTime }: ActionExecutionDetail) =>
  (lastUpdateTime!.getTime() - startTime!.getTime()) / 1000

function stageSeconds(runs: readonly ActionExecutionDetail[]): Record<string, number> {
  const seconds: Record<string, number> = {}
  for (const stage of new Set(runs.map(run => run.stageName!))) {
    const inStage = runs.filter(run => run.stageName === stage)
    const from = Math.min(...inStage.map(run => run.startTime!.getTime()))
    const to = Math.max(...inStage.map(run => run.lastUpdateTime!.getTime()))
    seconds[stage] = (to - from) / 1000
  }
  return seconds
}

function failureOf(run: ActionExecutionDetail, log: BuildLog | undefined) {
  const result = run.output?.executionResult
  return {
    action: `${run.stageName}/${run.actionName}`,
    message: result?.errorDetails?.message ?? result?.externalExecutionSummary ?? 'no reason was given',
    lines: log?.tail() ?? [],
  }
}

interface BuildLog {
  /** Says what has come since. */
  drain(say: (line: string) => void): Promise<void>
  tail(): readonly string[]
}

function buildLog(clients: Clients, buildId: string): BuildLog {
  let place: { logGroupName: string; logStreamName: string } | undefined
  let nextToken: string | undefined
  const last: string[] = []
  const locate = async () => {
    const { builds } = await clients.codebuild.batchGetBuilds({ ids: [buildId] })
    const logs = builds?.[0]?.logs
    if (logs?.groupName && logs.streamName) place = { logGroupName: logs.groupName, logStreamName: logs.streamName }
  }
  return {
    async drain(say) {
      if (!place) await locate()
      if (!place) return
      for (;;) {
        const page = await clients.logs
          .getLogEvents({ ...place, startFromHead: true, ...(nextToken ? { nextToken } : {}) })
          .catch(error => (error.name === 'ResourceNotFoundException' ? undefined : Promise.reject(error)))
        for (const { message } of page?.events ?? []) {
          const line = (message ?? '').trimEnd()
          say(`   | ${line}`)
          last.push(line)
          if (last.length > TAIL) last.shift()
        }
        if (!page || page.nextForwardToken === nextToken) return
        nextToken = page.nextForwardToken
      }
    },
    tail: () => last,
  }
}

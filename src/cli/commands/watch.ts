// Follows the newest execution of a pipeline, or a named one, until it ends.

import { clientsOf, connectionFromEnvironment } from '../clients.ts'
import type { Command } from '../command.ts'
import { followExecution } from '../follow.ts'
import { UsageError } from '../options.ts'

const command: Command = {
  summary: 'live progress of a pipeline execution in the terminal',
  arguments: 'PIPELINE',
  most: 1,
  options: { execution: { type: 'string', value: 'ID', help: 'this execution (default: the newest)' } },
  details: 'Uses AWS_ENDPOINT_URL and the keys of the environment. Exit code 0 when the execution succeeded.',
  async run({ positionals: [pipeline], text }) {
    if (!pipeline) throw new UsageError('watch needs the name of a pipeline (see: codeyard watch --help)')
    const clients = clientsOf(connectionFromEnvironment())
    try {
      const executionId = text.execution ?? (await newest(clients, pipeline))
      const { status, failure } = await followExecution(clients, {
        pipeline,
        executionId,
        say: line => console.log(line),
      })
      console.log(`${pipeline} ${executionId}: ${status}`)
      if (failure) console.log(`${failure.action}: ${failure.message}`)
      return status === 'Succeeded' ? 0 : 1
    } finally {
      clients.close()
    }
  },
}
export default command

async function newest(clients: ReturnType<typeof clientsOf>, pipelineName: string): Promise<string> {
  const { pipelineExecutionSummaries } = await clients.codepipeline.listPipelineExecutions({
    pipelineName,
    maxResults: 1,
  })
  const id = pipelineExecutionSummaries?.[0]?.pipelineExecutionId
  if (!id) throw new Error(`pipeline ${pipelineName} has never run`)
  return id
}

// Builds that run and wait, with their place in the queue and what they wait for.

import type { Build } from '@aws-sdk/client-codebuild'
import { openBuilds, queueTable } from '../builds.ts'
import { clientsOf, connectionFromEnvironment } from '../clients.ts'
import type { Command } from '../command.ts'

const command: Command = {
  summary: 'running and queued builds, with position and reason',
  options: {
    project: { type: 'string', value: 'NAME', help: 'only this project' },
    json: { type: 'boolean', help: 'one JSON line instead of a table' },
  },
  details: 'Uses AWS_ENDPOINT_URL and the keys of the environment.',
  async run({ text: { project }, flag: { json } }) {
    const clients = clientsOf(connectionFromEnvironment())
    const builds: Build[] = []
    try {
      for await (const build of openBuilds(clients.codebuild, project, new Date())) builds.push(build)
    } finally {
      clients.close()
    }
    const now = new Date()
    console.log(json ? JSON.stringify({ builds: queueTable.lines(builds, now) }) : queueTable.text(builds, now))
    return 0
  },
}
export default command

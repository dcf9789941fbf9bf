// Build minutes by month, project and compute type, added up from the builds that the server shows.

import type { Build } from '@aws-sdk/client-codebuild'
import { clientsOf, connectionFromEnvironment } from '../clients.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../options.ts'
import { addUp, allBuilds, table } from '../usage.ts'

const command: Command = {
  summary: 'build minutes of each project by month and compute type',
  options: {
    month: { type: 'string', value: 'YYYY-MM', help: 'only this month' },
    project: { type: 'string', value: 'NAME', help: 'only this project' },
    json: { type: 'boolean', help: 'one JSON line instead of a table' },
  },
  details:
    'Uses AWS_ENDPOINT_URL and the keys of the environment. Counts the minutes in which builds had a machine, each build rounded up,\nwithout the time in the queue. Builds that were deleted are not counted.',
  async run({ text: { month, project }, flag: { json } }) {
    if (month !== undefined && !/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month))
      throw new UsageError(`--month takes YYYY-MM, not '${month}'`)
    const clients = clientsOf(connectionFromEnvironment())
    const builds: Build[] = []
    try {
      for await (const build of allBuilds(clients.codebuild, { project, month })) builds.push(build)
    } finally {
      clients.close()
    }
    const lines = addUp(builds).filter(line => month === undefined || line.month === month)
    console.log(json ? JSON.stringify({ usage: lines }) : table(lines))
    return 0
  },
}
export default command

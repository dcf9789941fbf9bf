// Starts Codeyard in this terminal, until it is told to stop.

import { createLog } from '../../core/log.ts'
import { startServer } from '../../server.ts'
import type { Command } from '../command.ts'
import { configFrom, serverOptions } from '../config.ts'
import { stopSignal } from '../stopSignal.ts'

const command: Command = {
  summary: 'start Codeyard',
  options: {
    ...serverOptions,
    json: { type: 'boolean', help: 'print one JSON line when ready: endpoint, ssh, console and the root keys' },
  },
  details: `Another terminal then does: eval "$(codeyard env)"; aws codecommit list-repositories`,
  async run(given) {
    const config = configFrom(given)
    const stopped = stopSignal()
    const server = await startServer(config, createLog())
    const { accessKeyId, secretAccessKey } = server.credentials
    if (given.flag.json) {
      const line = {
        endpoint: server.endpoint,
        ssh: server.ssh,
        console: server.endpoint,
        accessKeyId,
        secretAccessKey,
      }
      process.stdout.write(`${JSON.stringify(line)}\n`)
    } else {
      process.stdout.write(`Codeyard is ready at ${server.endpoint} (data: ${config.dataDir})\n`)
      process.stdout.write(
        `Use it from another terminal: eval "$(codeyard env${given.text.data ? ` --data ${config.dataDir}` : ''})"\n`,
      )
    }
    await stopped
    await server.stop()
    // Builds that go on without this process are still being read from: that must not keep it.
    process.exit(0)
  },
}
export default command

// From nothing to a running application: starts Codeyard, makes everything through the public API, pushes twice, checks both answers.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createLog } from '../../core/log.ts'
import { startServer } from '../../server.ts'
import type { Command } from '../command.ts'
import { configFrom, defaultDataDir, serverOptions } from '../config.ts'
import { runDemo } from '../demo/run.ts'
import { stopSignal } from '../stopSignal.ts'

const command: Command = {
  summary: 'start Codeyard, push a sample through a pipeline, show the running application',
  options: {
    ...serverOptions,
    once: { type: 'boolean', help: 'push twice, check both answers, print one JSON line, end' },
    image: {
      type: 'string',
      value: 'NAME',
      help: "Docker image to build in (default: one made of this machine's own programs)",
    },
  },
  details: `Exit code 0 when both pushes arrived. Without --once it goes on serving; its data is kept in
${join(defaultDataDir(), 'demo')} (--data). With --once data and ports are temporary unless they are given.`,
  async run(given) {
    const once = given.flag.once ?? false
    const temporary = once && !given.text.data ? await mkdtemp(join(tmpdir(), 'codeyard-demo-')) : undefined
    const ports = once ? { port: given.text.port ?? '0', 'ssh-port': given.text['ssh-port'] ?? '0' } : {}
    const text = { ...given.text, ...ports, data: given.text.data ?? temporary ?? join(defaultDataDir(), 'demo') }
    // Builds and scripts on this host find a Node.js, also where none is installed but ours.
    process.env.PATH = `${process.env.PATH}:${dirname(process.execPath)}`
    const started = performance.now()
    const log = createLog(process.env.CODEYARD_LOG ?? 'warn')
    const stopped = stopSignal()
    const server = await startServer(configFrom({ ...given, text }), log)
    try {
      const say = (line: string) => void process.stderr.write(`${line}\n`)
      say(`Codeyard is ready at ${server.endpoint} after ${((performance.now() - started) / 1000).toFixed(1)} s`)
      return await runDemo({ server, once, stopped, say, ...(given.text.image ? { image: given.text.image } : {}) })
    } finally {
      await server.stop()
      if (temporary) await rm(temporary, { recursive: true, force: true })
    }
  },
}
export default command

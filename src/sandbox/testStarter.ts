// A process for tests that starts a command in a sandbox, says so, and waits to be killed: `node testStarter.ts HOST-ROOT|docker IMAGE NAME SCRIPT`.

import { createDockerProvider } from './docker/dockerProvider.ts'
import { createHostProvider } from './host/hostProvider.ts'

const [where = '', image = '', name = '', script = ''] = process.argv.slice(2)
const provider = where === 'docker' ? createDockerProvider() : createHostProvider({ root: where })
const sandbox = await provider.create({ name, labels: { 'codeyard.test': name }, ...(image && { image }) })
const run = await sandbox.run('only', { argv: ['sh', '-c', script] })
run.output.once('data', () => process.stdout.write('started\n'))
run.output.resume()
await run.result

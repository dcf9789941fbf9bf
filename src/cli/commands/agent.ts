// The CodeDeploy agent on a deployment target.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { startAgent } from '../../agent/agent.ts'
import type { Command } from '../command.ts'
import { pairs, UsageError } from '../options.ts'
import { stopSignal } from '../stopSignal.ts'

const command: Command = {
  summary: 'the CodeDeploy agent on a deployment target',
  options: {
    endpoint: { type: 'string', value: 'URL', help: 'the server (default AWS_ENDPOINT_URL)' },
    name: { type: 'string', value: 'NAME', help: 'name of this on-premises instance' },
    tag: {
      type: 'string',
      value: 'K=V',
      multiple: true,
      help: 'tag of this instance: deployment groups find it by its tags',
    },
    root: {
      type: 'string',
      value: 'DIR',
      help: 'deployment root: identity, revisions, logs (default /opt/codedeploy-agent/deployment-root as root, else in the home directory)',
    },
    region: { type: 'string', value: 'NAME', help: 'default AWS_REGION, else us-east-1' },
  },
  details: `The first start registers this host as an on-premises instance, with the keys of the environment
(AWS_ACCESS_KEY_ID ...), and keeps the identity that it was given in the deployment root.`,
  async run({ text, list }) {
    const endpoint = text.endpoint ?? process.env.AWS_ENDPOINT_URL
    if (!endpoint) throw new UsageError('agent needs --endpoint URL, or AWS_ENDPOINT_URL in the environment')
    if (!text.name) throw new UsageError('agent needs --name NAME')
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = process.env
    const agent = await startAgent({
      endpoint,
      region: text.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1',
      name: text.name,
      tags: pairs(list.tag ?? [], '--tag'),
      root: resolve(text.root ?? defaultRoot()),
      ...(accessKeyId && secretAccessKey
        ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } }
        : {}),
      log: (level, message) =>
        void process.stderr.write(`${new Date().toISOString()} ${level.toUpperCase()} ${message}\n`),
    })
    process.stdout.write(`agent ${text.name} polls ${endpoint} as ${agent.hostIdentifier}\n`)
    await Promise.race([stopSignal(), agent.done])
    await agent.stop()
    return 0
  },
}
export default command

function defaultRoot(): string {
  return process.getuid?.() === 0 ? '/opt/codedeploy-agent/deployment-root' : join(homedir(), '.codeyard/agent')
}

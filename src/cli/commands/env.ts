// Prints the shell lines that point AWS clients and git at the running Codeyard.

import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from '../command.ts'
import { defaultDataDir } from '../config.ts'

const command: Command = {
  summary: 'print export lines for AWS clients and git: eval "$(codeyard env)"',
  options: {
    data: { type: 'string', value: 'DIR', help: `data directory (default ${defaultDataDir()})` },
    tls: { type: 'boolean', help: 'the https endpoint, and that AWS clients trust it' },
  },
  async run({ text, flag }) {
    const dataDir = resolve(text.data ?? defaultDataDir())
    const running = await readState(join(dataDir, 'running.json'))
    if (!running)
      throw new Error(
        `no Codeyard is running on ${dataDir}: start one with 'codeyard up', or name its --data directory`,
      )
    const lines = { ...clientLines(running, flag.tls ?? false), ...gitLines(running) }
    for (const [name, value] of Object.entries(lines)) {
      process.stdout.write(`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    }
    process.stdout.write(`unset AWS_SESSION_TOKEN AWS_PROFILE\n${AWS_FUNCTION}\n`)
    return 0
  },
}
export default command

/** An aws command line from before 2023 does not read AWS_ENDPOINT_URL: what is meant for this server would go to Amazon. */
const AWS_FUNCTION = `aws() { command aws \${AWS_ENDPOINT_URL:+"--endpoint-url=$AWS_ENDPOINT_URL"} "$@"; }`

/** What a server writes into its data directory while it runs. */
interface Running {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** The file of the certificate that clients of the https endpoint have to trust. */
  readonly authority: string
}

function clientLines(running: Running, tls: boolean): Record<string, string> {
  const { endpoint, region, accessKeyId, secretAccessKey, authority } = running
  return {
    AWS_ENDPOINT_URL: tls ? secure(endpoint) : endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // AWS clients take these authorities instead of all others: the bundle has the public ones as well.
    ...(tls ? { AWS_CA_BUNDLE: join(dirname(authority), 'bundle.pem'), NODE_EXTRA_CA_CERTS: authority } : {}),
  }
}

/** Settings for this server's addresses only, by variables: git's files and what it does elsewhere stay as they are. */
function gitLines({ endpoint, authority }: Running): Record<string, string> {
  const { host, port } = new URL(endpoint)
  const helper = '!f() { test "$1" = get && aws codecommit credential-helper --ignore-host-check get; }; f'
  const settings = [
    ...[endpoint, secure(endpoint)].flatMap(url => [
      [`credential.${url}.helper`, ''], // a keychain would keep signatures that are good for 15 minutes
      [`credential.${url}.helper`, helper],
      [`credential.${url}.UseHttpPath`, 'true'],
    ]),
    ...[secure(endpoint), `https://localhost:${port}`].map(url => [`http.${url}.sslCAInfo`, authority]),
  ]
  return {
    CODE_COMMIT_ENDPOINT: host, // git-remote-codecommit: codecommit::us-east-1://NAME
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}

const secure = (endpoint: string) => endpoint.replace(/^http:/, 'https:')

async function readState(file: string): Promise<Running | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

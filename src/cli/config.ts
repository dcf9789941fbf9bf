// The options of a server, shared by `up`, `demo` and `env`, and the configuration made of them.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Config, Role } from '../core/config.ts'
import type { Given, Option } from './command.ts'
import { UsageError, wholeNumber } from './options.ts'

export const serverOptions: Readonly<Record<string, Option>> = {
  data: { type: 'string', value: 'DIR', help: `data directory (default ${defaultDataDir()})` },
  port: { type: 'string', value: 'N', help: 'port of the API and of git over HTTP (default 4566; 0 = any free one)' },
  'ssh-port': { type: 'string', value: 'N', help: 'port of git over SSH (default 2222)' },
  host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default 127.0.0.1)' },
  account: { type: 'string', value: 'ID', help: 'twelve digits (default 000000000000)' },
  region: { type: 'string', value: 'NAME', help: 'region of the process itself (default us-east-1)' },
  'database-url': { type: 'string', value: 'URL', help: 'an external PostgreSQL instead of the embedded one' },
  blobs: {
    type: 'string',
    value: 'PLACE',
    help: 'where object bytes go: a directory or s3://bucket (default DATA/blobs)',
  },
  roles: { type: 'string', value: 'LIST', help: 'api, jobs, build, comma-separated (default all)' },
  sandbox: { type: 'string', value: 'KIND', help: 'where builds run: auto, docker or host (default auto)' },
  smtp: { type: 'string', value: 'URL', help: 'smtp://user:password@host:port for email subscriptions of SNS' },
  dev: { type: 'boolean', help: 'test/test credentials and POST /_codeyard/reset; loopback only' },
}

export function defaultDataDir(): string {
  // PostgreSQL's unprivileged user must reach its data, which it can not below root's home directory.
  return process.getuid?.() === 0 ? '/var/lib/codeyard' : join(homedir(), '.codeyard')
}

const ROLES: readonly Role[] = ['api', 'jobs', 'build']

export function configFrom({ text, flag }: Given): Config {
  const dataDir = resolve(text.data ?? defaultDataDir())
  const host = text.host ?? '127.0.0.1'
  const port = wholeNumber(text.port, 4566, 0, 65535, '--port')
  const account = text.account ?? '000000000000'
  if (!/^\d{12}$/.test(account)) throw new UsageError(`--account takes twelve digits, not '${account}'`)
  const sandbox = text.sandbox ?? 'auto'
  if (sandbox !== 'auto' && sandbox !== 'docker' && sandbox !== 'host') {
    throw new UsageError(`--sandbox takes auto, docker or host, not '${sandbox}'`)
  }
  if (flag.dev && !isLoopback(host))
    throw new UsageError('--dev gives everybody root: it listens on a loopback address only')
  return {
    dataDir,
    account,
    region: text.region ?? 'us-east-1',
    host,
    port,
    sshPort: wholeNumber(text['ssh-port'], 2222, 0, 65535, '--ssh-port'),
    endpoint: `http://${isLoopback(host) || host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    databaseUrl: text['database-url'],
    blobs: text.blobs ?? join(dataDir, 'blobs'),
    roles: readRoles(text.roles),
    sandbox,
    dev: flag.dev ?? false,
    smtp: text.smtp,
  }
}

function readRoles(list: string | undefined): readonly Role[] {
  if (list === undefined) return ROLES
  return list.split(',').map(name => {
    const role = ROLES.find(candidate => candidate === name.trim())
    if (!role) throw new UsageError(`--roles takes ${ROLES.join(', ')}, not '${name}'`)
    return role
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

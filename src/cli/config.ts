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
  fleet: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    help: 'with the build role: take only builds of this reserved-capacity fleet (repeatable, or comma-separated)',
  },
  slots: { type: 'string', value: 'N', help: 'builds at once (default: as many as processors)' },
  'api-endpoint': {
    type: 'string',
    value: 'URL',
    help: 'where builds reach the API, and what other machines are told (default: found in the database)',
  },
  'build-limits': {
    type: 'string',
    value: 'LIST',
    help: "an account's concurrent builds, for all processes: 20, or Linux/Small=20,ARM/Large=5 (default: no limit)",
  },
  'lost-after': {
    type: 'string',
    value: 'SECONDS',
    help: 'when builds of a builder that is gone are run again elsewhere, for all processes (default: 60)',
  },
  sandbox: { type: 'string', value: 'KIND', help: 'where builds run: auto, docker or host (default auto)' },
  smtp: { type: 'string', value: 'URL', help: 'smtp://user:password@host:port for email subscriptions of SNS' },
  dev: { type: 'boolean', help: 'test/test credentials and POST /_codeyard/reset; loopback only' },
}

export function defaultDataDir(): string {
  // PostgreSQL's unprivileged user must reach its data, which it can not below root's home directory.
  return process.getuid?.() === 0 ? '/var/lib/codeyard' : join(homedir(), '.codeyard')
}

const ROLES: readonly Role[] = ['api', 'jobs', 'build']

export function configFrom({ text, flag, list }: Given): Config {
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
  const region = text.region ?? 'us-east-1'
  const roles = readRoles(text.roles)
  const fleets = readFleets(list?.fleet ?? [], { account, region })
  if (fleets.length > 0 && !roles.includes('build'))
    throw new UsageError('--fleet is for processes with the build role')
  const buildLimits = text['build-limits'] === undefined ? undefined : readLimits(text['build-limits'])
  return {
    dataDir,
    account,
    region,
    host,
    port,
    sshPort: wholeNumber(text['ssh-port'], 2222, 0, 65535, '--ssh-port'),
    endpoint: `http://${isLoopback(host) || host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    databaseUrl: text['database-url'],
    blobs: text.blobs ?? join(dataDir, 'blobs'),
    roles,
    fleets,
    ...(text.slots !== undefined && { slots: wholeNumber(text.slots, 1, 1, 1000, '--slots') }),
    ...(buildLimits && { buildLimits }),
    ...(text['lost-after'] !== undefined && {
      lostAfter: wholeNumber(text['lost-after'], 60, 10, 3600, '--lost-after'),
    }),
    ...(text['api-endpoint'] !== undefined && { apiEndpoint: readEndpoint(text['api-endpoint']) }),
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

/** Names are of the process's own account and region; an ARN says its own. */
function readFleets(given: readonly string[], scope: { account: string; region: string }): readonly string[] {
  return given
    .flatMap(list => list.split(','))
    .map(text => {
      const [, region = scope.region, account = scope.account, name] =
        /^(?:arn:aws[\w-]*:codebuild:([\w-]+):(\d{12}):fleet\/)?([A-Za-z0-9][\w-]{1,127})(?::[\w-]+)?$/.exec(
          text.trim(),
        ) ?? []
      if (!name) throw new UsageError(`--fleet takes the name or ARN of a fleet, not '${text}'`)
      return `${account}/${region}/${name}`
    })
}

/** `20` is of each kind. */
function readLimits(list: string): ReadonlyMap<string, number> {
  return new Map(
    list.split(',').map(text => {
      const [, kind = '*', most] = /^(?:([^=]+)=)?(\d{1,6})$/.exec(text.trim()) ?? []
      if (most === undefined)
        throw new UsageError(`--build-limits takes 20, or Linux/Small=20,ARM/Large=5, not '${text}'`)
      return [kind, Number(most)]
    }),
  )
}

function readEndpoint(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`--api-endpoint takes a URL such as http://10.0.0.5:4566, not '${text}'`)
  return text.replace(/\/+$/, '')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

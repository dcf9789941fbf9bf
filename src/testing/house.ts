// A house for tests of services: the real gateway and store, a database of its own, a clock that stands still, jobs on demand.

import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { fileBlobs } from '../blobs/index.ts'
import { manualClock } from '../core/clock.ts'
import type { Config } from '../core/config.ts'
import { randomIds } from '../core/ids.ts'
import { createLog } from '../core/log.ts'
import type { Scope } from '../core/scope.ts'
import type { AuditEntry } from '../gateway/audit.ts'
import { createGateway } from '../gateway/createGateway.ts'
import type { IdentityDirectory } from '../gateway/identity.ts'
import { jobMigrations, prepareJobs } from '../jobs/prepare.ts'
import type { Call, EventRecord, OpenCall } from '../operation/call.ts'
import type { Principal } from '../operation/principal.ts'
import type { Invoke } from '../operation/sdks.ts'
import type { Service } from '../operation/service.ts'
import { migrate } from '../store/migrate.ts'
import { openStore } from '../store/postgres.ts'

export const ACCOUNT = '000000000000'
export const REGION = 'us-east-1'
export const root: Principal = { type: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` }

export interface HouseOptions {
  readonly services: readonly Service[]
  /** Operations of services that the test leaves out: `{ 's3.PutObject': async input => ({ ETag: '"x"' }) }`. */
  readonly answers?: Readonly<Record<string, (input: any, principal: Principal) => Promise<any>>>
  /** Default: everybody may do everything, roles can be assumed. */
  readonly identity?: Partial<IdentityDirectory>
  readonly config?: Partial<Config>
  readonly now?: string
}

export type TestHouse = Awaited<ReturnType<typeof openHouse>>

export async function openHouse({ services, answers = {}, identity, config: settings, now }: HouseOptions) {
  const all = [...services, ...answeringServices(answers)]
  const connection = await cloneDatabase(all)
  const log = createLog(process.env.CODEYARD_LOG ?? 'silent')
  const store = openStore({ connection, log, connections: 6, patience: 3000 })
  const dataDir = await mkdtemp(join(tmpdir(), 'codeyard-house-'))
  const config = testConfig(dataDir, settings)
  const clock = manualClock(now)
  const events: EventRecord[] = []
  const audited: AuditEntry[] = []
  const gateway = createGateway({
    services: all,
    store,
    blobs: await fileBlobs(join(dataDir, 'blobs')),
    config,
    clock,
    ids: randomIds,
    log,
    identity: { ...permissive, ...identity },
    audit: {
      async change(_tx, entry) {
        audited.push(entry)
      },
      later: entry => audited.push(entry),
    },
    onEvent: event => events.push(event),
  })
  const scope: Scope = { account: ACCOUNT, region: REGION }
  const as = (principal: Principal, where: Scope = scope): { invoke: Invoke } => ({
    invoke: ((service: string, operation: string, input: unknown) =>
      gateway.call({
        service,
        operation,
        input,
        principal,
        scope: where,
        origin: { sourceIp: '127.0.0.1', userAgent: 'test', secure: false },
        requestId: randomIds.uuid(),
        signal: new AbortController().signal,
      })) as Invoke,
  })
  const openCall = (service: Service, where: Scope = scope): OpenCall => gateway.openCall(service, where)

  /** Runs what is due by the house's clock until nothing is left; a job that throws fails the test unless `tolerant`. */
  const runJobs = async ({ tolerant = false, most = 1000 } = {}): Promise<number> => {
    for (let count = 0; count < most; count++) {
      const { rows } = await store.pool.query(
        `delete from graphile_worker._private_jobs where id = (
           select id from graphile_worker._private_jobs where run_at <= $1 and locked_at is null order by run_at, id limit 1)
         returning payload, (select identifier from graphile_worker._private_tasks t where t.id = task_id) as task`,
        [clock.now()],
      )
      const [job] = rows
      if (!job) return count
      const [name, ...task] = job.task.split('.')
      const service = all.find(candidate => candidate.name === name)
      const handler = service?.tasks?.[task.join('.')]
      if (!service || !handler) throw new Error(`no task ${job.task}`)
      try {
        await handler(openCall(service, job.payload.scope), job.payload.payload)
      } catch (error) {
        if (!tolerant) throw error
      }
    }
    throw new Error(`more than ${most} jobs: do they enqueue each other for ever?`)
  }

  return {
    invoke: as(root).invoke,
    as,
    openCall,
    /** A transaction as `service` (default: the first one given). */
    transaction: <T>(work: (call: Call) => Promise<T>, service = services[0]!) => openCall(service).transaction(work),
    runJobs,
    /** Times of the jobs that wait, soonest first. */
    waitingJobs: async (): Promise<{ task: string; runAt: Date; payload: any }[]> =>
      (
        await store.pool.query(
          `select run_at as "runAt", payload->'payload' as payload, (select identifier from graphile_worker._private_tasks t where t.id = task_id) as task
           from graphile_worker._private_jobs order by run_at, id`,
        )
      ).rows,
    clock,
    events,
    audited,
    store,
    gateway,
    config,
    scope,
    async close() {
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export function testConfig(dataDir: string, settings: Partial<Config> = {}): Config {
  return {
    dataDir,
    account: ACCOUNT,
    region: REGION,
    host: '127.0.0.1',
    port: 4566,
    sshPort: 2222,
    endpoint: 'http://127.0.0.1:4566',
    blobs: join(dataDir, 'blobs'),
    roles: ['api', 'jobs', 'build'],
    sandbox: 'scripted',
    dev: false,
    ...settings,
  }
}

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})

const permissive: IdentityDirectory = {
  findCredential: async () => undefined,
  policiesOf: async () => ({ identity: [EVERYTHING] }),
  findServiceCredential: async () => undefined,
  async assumeAsService(scope, service, roleArn, sessionName) {
    const role = roleArn.split('/').at(-1)
    return {
      type: 'assumedRole',
      account: scope.account,
      arn: `arn:aws:sts::${scope.account}:assumed-role/${role}/${sessionName}`,
      roleArn,
      roleId: 'AROATESTTESTTESTTEST',
      sessionName,
      session: { expires: new Date('2100-01-01'), issuedTo: service },
    }
  },
}

function answeringServices(answers: NonNullable<HouseOptions['answers']>): Service[] {
  const names = new Set(Object.keys(answers).map(key => key.split('.')[0]!))
  return [...names].map(name => ({
    name,
    principal: `${name}.amazonaws.com`,
    access: () => [],
    operations: Object.fromEntries(
      Object.entries(answers)
        .filter(([key]) => key.startsWith(`${name}.`))
        .map(([key, answer]) => [
          key.slice(name.length + 1),
          { kind: 'open', changes: true, handler: (call: OpenCall, input: unknown) => answer(input, call.principal) },
        ]),
    ),
  }))
}

/** A database of this test's own, copied from a template that carries the migrations of `services`. */
async function cloneDatabase(services: readonly Service[]): Promise<pg.PoolConfig> {
  const server = inject('postgres')
  const sources = services.flatMap(({ name, migrations }) => (migrations ? [{ owner: name, folder: migrations }] : []))
  const digest = createHash('sha256')
  for (const { folder } of [jobMigrations, ...sources]) {
    for (const file of (await readdir(folder)).sort()) digest.update(file).update(await readFile(new URL(file, folder)))
  }
  const template = `template_${digest.digest('hex').slice(0, 16)}`
  const admin = new pg.Client({ ...server, database: 'postgres' })
  await admin.connect()
  try {
    await admin.query('select pg_advisory_lock(1)')
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [template])
    if (!rowCount) await makeTemplate(admin, server, template, sources)
    const name = `test_${randomIds.text(12, 'abcdefghijklmnopqrstuvwxyz')}`
    await admin.query(`create database ${name} template ${template}`)
    return { ...server, database: name }
  } finally {
    await admin.end()
  }
}

async function makeTemplate(
  admin: pg.Client,
  server: pg.PoolConfig,
  template: string,
  sources: { owner: string; folder: URL }[],
) {
  const fresh = `${template}_new`
  await admin.query(`drop database if exists ${fresh}`)
  await admin.query(`create database ${fresh}`)
  const pool = new pg.Pool({ ...server, database: fresh })
  pool.on('error', () => {}).on('connect', client => client.on('error', () => {}))
  try {
    await prepareJobs(pool)
    await migrate(pool, [jobMigrations, ...sources])
  } finally {
    await pool.end()
  }
  await admin.query(`alter database ${fresh} rename to ${template}`)
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: { host: string; port: number; user: string }
  }
}

// What must not be there after a crash was survived: rows that nobody will move, jobs that nobody holds, processes that nobody knows.

import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** A connection to the embedded database of a data directory, as its own processes make it. */
export function databaseOf(dataDir: string): pg.ClientConfig {
  return { host: join(dataDir, 'postgres'), port: 5432, user: 'codeyard', database: 'codeyard' }
}

export async function ask<Row extends pg.QueryResultRow>(database: pg.ClientConfig, text: string): Promise<Row[]> {
  const client = new pg.Client(database)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

/** Each line is something that is stuck or locked for ever; a job is locked only while it runs. */
const STUCK = `
  select 'execution ' || id || ' ' || status || ' in ' || stage as what from codepipeline.execution
    where status in ('InProgress', 'Stopping')
  union all select 'action ' || name || ' of execution ' || execution_id from codepipeline.action_run where status = 'InProgress'
  union all select 'build ' || id from codebuild.builds where status = 'IN_PROGRESS'
  union all select 'deployment ' || id || ' ' || status from codedeploy.deployments
    where status not in ('Succeeded', 'Failed', 'Stopped')
  union all select 'target of ' || deployment_id || ' ' || status from codedeploy.targets
    where status in ('Pending', 'InProgress', 'Ready', 'Unknown')
  union all select 'command ' || id || ' ' || state from codedeploy.commands where state <> 'over'
  union all select 'archive ' || id || ' ' || status from codecommit.archive_uploads where status = 'IN_PROGRESS'
  union all select 'job ' || j.id || ' ' || t.identifier || ' locked by ' || j.locked_by
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where j.locked_by is not null
  union all select 'job ' || j.id || ' ' || t.identifier || ' due and failing: ' || coalesce(j.last_error, '')
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where j.last_error is not null
  union all select 'processes: ' || count(*) from codeyard.process having count(*) > 1`

/** What is still stuck after `patience` ms; empty as soon as nothing is. */
export async function stuck(database: pg.ClientConfig, patience = 15_000): Promise<string[]> {
  const end = performance.now() + patience
  for (;;) {
    const rows = await ask<{ what: string }>(database, STUCK)
    if (rows.length === 0 || performance.now() > end) return rows.map(({ what }) => what)
    await delay(200)
  }
}

export interface ProcessSeen {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Every process that has to do with one of these directories: by its arguments, its environment or where it stands. */
export async function processesOf(directories: readonly string[]): Promise<ProcessSeen[]> {
  const found: ProcessSeen[] = []
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
    const [command, environment, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')])
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    const text = `${command}\n${environment}\n${cwd}`
    if (stat === '' || !directories.some(directory => text.includes(directory))) continue
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z') continue
    found.push({ pid, parent: Number(parent), command: command.replaceAll('\0', ' ').trim() })
  }
  return found
}

export async function childrenOf(parent: number): Promise<number[]> {
  const children: number[] = []
  for (const name of await readdir('/proc')) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) children.push(Number(name))
  }
  return children.filter(Number.isInteger)
}

/** Processes of these directories that are neither among `known` nor their descendants. */
export async function orphans(
  directories: readonly string[],
  known: readonly number[],
  patience = 15_000,
): Promise<ProcessSeen[]> {
  const end = performance.now() + patience
  for (;;) {
    const all = await processesOf(directories)
    const family = new Set(known)
    for (let size = -1; size !== family.size; ) {
      size = family.size
      for (const { pid, parent } of all) if (family.has(parent)) family.add(pid)
    }
    const strangers = all.filter(({ pid }) => !family.has(pid))
    if (strangers.length === 0 || performance.now() > end) return strangers
    await delay(200)
  }
}

// The SQL of command executions.

import type { EndStatus } from '../../../build/phases.ts'
import type { Scope } from '../../../core/scope.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import { commandStatus, type SandboxStatus } from './machine.ts'

export interface CommandRow extends Scope {
  readonly sandbox: string
  readonly id: string
  readonly command: string
  readonly status: SandboxStatus
  readonly submitted_at: Date
  readonly started_at: Date | null
  readonly ended_at: Date | null
  readonly exit_code: number | null
  readonly standard_output: string | null
  readonly standard_error: string | null
  readonly read_to: number
}

const COLUMNS = sql`account, region, sandbox, id, command, status, submitted_at, started_at, ended_at, exit_code,
  standard_output, standard_error, read_to`

export async function insertCommand(
  tx: Tx,
  { account, region }: Scope,
  { sandbox, id, command, now }: { sandbox: string; id: string; command: string; now: Date },
): Promise<CommandRow> {
  const row = await tx.one<CommandRow>`
    insert into codebuild.command_executions (account, region, sandbox, id, command, status, submitted_at)
    values (${account}, ${region}, ${sandbox}, ${id}, ${command}, 'IN_PROGRESS', ${now}) returning ${COLUMNS}`
  return row!
}

export function findCommands(
  tx: Tx,
  { account, region }: Scope,
  sandbox: string,
  ids: readonly string[],
): Promise<CommandRow[]> {
  return tx.rows<CommandRow>`
    select ${COLUMNS} from codebuild.command_executions
    where account = ${account} and region = ${region} and sandbox = ${sandbox} and id = any(${ids}::text[])`
}

/** Those that are not over, oldest first. */
export function openCommands(
  tx: Tx,
  { account, region }: Scope,
  sandbox: string,
  limit: number,
): Promise<CommandRow[]> {
  return tx.rows<CommandRow>`
    select ${COLUMNS} from codebuild.command_executions
    where account = ${account} and region = ${region} and sandbox = ${sandbox} and status = 'IN_PROGRESS'
    order by submitted_at, id limit ${limit}`
}

export async function countOpenCommands(tx: Tx, { account, region }: Scope, sandbox: string): Promise<number> {
  const row = await tx.one<{ count: number }>`
    select count(*)::int as count from codebuild.command_executions
    where account = ${account} and region = ${region} and sandbox = ${sandbox} and status = 'IN_PROGRESS'`
  return row?.count ?? 0
}

/** `read_to` bytes of the output are in the log; the first time it also began. */
export async function saveCommandProgress(tx: Tx, row: CommandRow, now: Date, readTo: number): Promise<void> {
  await tx.run`
    update codebuild.command_executions set started_at = coalesce(started_at, ${now}), read_to = ${readTo}
    where account = ${row.account} and region = ${row.region} and sandbox = ${row.sandbox} and id = ${row.id} and status = 'IN_PROGRESS'`
}

export interface CommandEnd {
  readonly status: EndStatus
  readonly exitCode?: number
  readonly output?: string
  readonly error?: string
}

export async function endCommand(tx: Tx, row: CommandRow, now: Date, end: CommandEnd): Promise<void> {
  await tx.run`
    update codebuild.command_executions set status = ${end.status}, ended_at = ${now}, exit_code = ${end.exitCode},
      standard_output = ${end.output}, standard_error = ${end.error}
    where account = ${row.account} and region = ${row.region} and sandbox = ${row.sandbox} and id = ${row.id} and status = 'IN_PROGRESS'`
}

/** The sandbox is over, and with it what ran in it or waited for it. */
export async function endCommandsOf(
  tx: Tx,
  { account, region }: Scope,
  { sandbox, status, now }: { sandbox: string; status: EndStatus; now: Date },
): Promise<void> {
  await tx.run`
    update codebuild.command_executions set status = ${commandStatus({ sandbox: status })}, ended_at = ${now}
    where account = ${account} and region = ${region} and sandbox = ${sandbox} and status = 'IN_PROGRESS'`
}

/** One page by the time they were asked for, one more than `limit` when there are more. */
export function listCommands(
  tx: Tx,
  { account, region }: Scope,
  wanted: { sandbox: string; descending: boolean; after?: readonly (string | number)[]; limit: number },
): Promise<(CommandRow & { key: string })[]> {
  const [key, id] = wanted.after ?? []
  const order = wanted.descending ? sql`desc` : sql`asc`
  const beyond = wanted.descending ? sql`<` : sql`>`
  const where = wanted.after ? sql`and (submitted_at, id) ${beyond} (${key}::timestamptz, ${id}::text)` : sql``
  return tx.rows`
    select ${COLUMNS}, submitted_at::text as key from codebuild.command_executions
    where account = ${account} and region = ${region} and sandbox = ${wanted.sandbox} ${where}
    order by submitted_at ${order}, id ${order} limit ${wanted.limit + 1}`
}

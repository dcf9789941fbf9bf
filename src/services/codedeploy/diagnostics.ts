// What hosts report, in the public API's words, and what is said of a host that reports nothing.

import type { Diagnostics } from './machine.ts'

const CODES: Readonly<Record<number, Diagnostics['errorCode']>> = {
  0: 'Success',
  1: 'ScriptMissing',
  2: 'ScriptNotExecutable',
  3: 'ScriptTimedOut',
  4: 'ScriptFailed',
}

/** Reads the agent's JSON; anything else is shown as it is. */
export function readDiagnostics(payload: string | undefined, succeeded: boolean): Diagnostics {
  const plain: Diagnostics = {
    errorCode: succeeded ? 'Success' : 'UnknownError',
    scriptName: '',
    message: payload ?? '',
    logTail: '',
  }
  try {
    const { error_code, script_name, message, log } = JSON.parse(payload ?? '')
    return {
      errorCode: CODES[Number(error_code)] ?? 'UnknownError',
      scriptName: clean(script_name),
      message: clean(message),
      logTail: clean(log),
    }
  } catch {
    return plain
  }
}

/** PostgreSQL's text holds no NUL. */
const clean = (text: unknown) => (typeof text === 'string' ? text.replaceAll('\0', '') : '')

const SILENT_AFTER_MS = 2 * 60_000

export function isSilent(lastSeen: Date | null, now: Date): boolean {
  return !lastSeen || now.getTime() - lastSeen.getTime() > SILENT_AFTER_MS
}

export function lastSeenSentence(name: string, lastSeen: Date | null, now: Date): string {
  if (!lastSeen) return `The agent of ${name} has never been seen.`
  const minutes = Math.floor((now.getTime() - lastSeen.getTime()) / 60_000)
  const ago =
    minutes < 1
      ? 'less than a minute'
      : minutes === 1
        ? '1 minute'
        : minutes < 120
          ? `${minutes} minutes`
          : `${Math.floor(minutes / 60)} hours`
  return `The agent of ${name} was last seen ${ago} ago, at ${lastSeen.toISOString()}.`
}

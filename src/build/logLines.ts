// The lines that the build itself writes into the log, in CodeBuild's format.

import type { EndStatus, PhaseContext, PhaseType } from './phases.ts'

// AWS: `[Container] 2024/06/05 02:04:07.161914 Waiting for agent ping`: UTC with microseconds.
/** One line of the build agent, with its newline. */
export function agentLine(now: Date, text: string): string {
  const iso = now.toISOString()
  return `[Container] ${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 23)}000 ${text}\n`
}

export const phaseCompleteLines = (phase: PhaseType, status: EndStatus, context?: PhaseContext) => [
  `Phase complete: ${phase} State: ${status}`,
  `Phase context status code: ${context?.statusCode ?? ''} Message: ${context?.message ?? ''}`,
]

// AWS: `Error while executing command: npm test. Reason: exit status 1` (COMMAND_EXECUTION_ERROR).
export const commandFailed = (command: string, exitCode: number): PhaseContext => ({
  statusCode: 'COMMAND_EXECUTION_ERROR',
  message: `Error while executing command: ${command}. Reason: exit status ${exitCode}`,
})

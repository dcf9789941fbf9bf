// The phases and statuses of a build, with AWS's names.

import type { CommandPhase } from '../specs/buildspec/buildspec.ts'

export const PHASES = [
  'SUBMITTED',
  'QUEUED',
  'PROVISIONING',
  'DOWNLOAD_SOURCE',
  'INSTALL',
  'PRE_BUILD',
  'BUILD',
  'POST_BUILD',
  'UPLOAD_ARTIFACTS',
  'FINALIZING',
  'COMPLETED',
] as const
export type PhaseType = (typeof PHASES)[number]
export type CommandPhaseType = 'INSTALL' | 'PRE_BUILD' | 'BUILD' | 'POST_BUILD'
export const COMMAND_PHASE_TYPES: readonly CommandPhaseType[] = ['INSTALL', 'PRE_BUILD', 'BUILD', 'POST_BUILD']

/** How a phase or a build ended. */
export type EndStatus = 'SUCCEEDED' | 'FAILED' | 'FAULT' | 'TIMED_OUT' | 'STOPPED'

export interface PhaseContext {
  readonly statusCode: string
  readonly message: string
}

/** A phase as BatchGetBuilds shows it; without `status` and `end` it is running. */
export interface PhaseRecord {
  readonly phase: PhaseType
  readonly start: Date
  readonly status?: EndStatus
  readonly end?: Date
  readonly contexts?: readonly PhaseContext[]
}

export const specPhase = (phase: CommandPhaseType): CommandPhase => phase.toLowerCase() as CommandPhase
export const isCommandPhase = (phase: PhaseType): phase is CommandPhaseType =>
  (COMMAND_PHASE_TYPES as readonly string[]).includes(phase)

// The connection to a Docker Engine: where it is, whether it answers, and what its errors mean.

import Docker from 'dockerode'
import { within } from '../../core/bounded.ts'
import { SandboxError } from '../sandboxError.ts'

export const CALL_TIMEOUT_MS = 60_000

/** A client of the engine that `host` names (`unix:///...`, `tcp://...`), else DOCKER_HOST, else the default socket. */
export function connectEngine(host?: string): { docker: Docker; address: string } {
  const address = host ?? process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  if (host === undefined) return { docker: new Docker(), address }
  if (host.startsWith('unix://')) return { docker: new Docker({ socketPath: host.slice('unix://'.length) }), address }
  const url = new URL(host)
  return { docker: new Docker({ host: url.hostname, port: url.port || 2375 }), address }
}

/** The engine's own words: dockerode wraps them in its own, which say less. */
export function engineMessage(error: unknown): string {
  const json: unknown = error instanceof Error && 'json' in error ? error.json : undefined
  if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message)
  if (!(error instanceof Error)) return String(error)
  return error.message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim() || error.name
}

/** The HTTP status of the engine's answer, when it was one. */
export function engineStatus(error: unknown): number | undefined {
  const status: unknown = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' ? status : undefined
}

/** Any failure of the engine as an error of ours that says what was tried. */
export function engineFailure(tried: string, error: unknown): SandboxError {
  if (error instanceof SandboxError) return error
  return new SandboxError('ENGINE', `Docker could not ${tried}: ${engineMessage(error)}`, { cause: error })
}

/** Why the engine can not be used, or undefined: asked anew after `keepMs`, never longer than two seconds. */
export function createProbe(docker: Docker, address: string, keepMs = 5_000): () => Promise<string | undefined> {
  let last: { at: number; answer: Promise<string | undefined> } | undefined
  async function ask() {
    try {
      await within(2_000, 'no answer within 2 seconds', docker.ping())
      return undefined
    } catch (error) {
      return `Docker does not answer at ${address} (${engineMessage(error)})`
    }
  }
  return () => {
    if (last === undefined || performance.now() - last.at > keepMs) last = { at: performance.now(), answer: ask() }
    return last.answer
  }
}

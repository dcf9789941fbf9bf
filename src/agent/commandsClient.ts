// The agent's end of the private commands API: JSON 1.1, signed for the service codedeploy-commands.

import { createHash, createHmac } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Envelope } from './deploymentSpec.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface HostCommand {
  readonly HostCommandIdentifier: string
  readonly HostIdentifier: string
  readonly DeploymentExecutionId: string
  readonly CommandName: string
}

export type CommandStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed'

export interface CommandsClient {
  /** Waits for a command, as long as the service lets it. */
  poll(signal: AbortSignal): Promise<HostCommand | undefined>
  specification(executionId: string, signal: AbortSignal): Promise<Envelope | undefined>
  acknowledge(commandId: string, noop: boolean, signal: AbortSignal): Promise<CommandStatus | undefined>
  update(commandId: string, diagnostics: string, signal: AbortSignal): Promise<void>
  complete(commandId: string, succeeded: boolean, diagnostics: string, signal: AbortSignal): Promise<void>
}

/** An answer that is an error. `passing` ones may be tried again. */
export class CommandsError extends Error {
  override readonly name = 'CommandsError'
  readonly code: string
  readonly passing: boolean

  constructor(code: string, message: string, passing: boolean) {
    super(`${code}: ${message}`)
    this.code = code
    this.passing = passing
  }
}

export interface CommandsClientOptions {
  readonly endpoint: string
  readonly region: string
  readonly host: string
  readonly credentials: () => Promise<Credentials>
  readonly version: string
}

/** AWS: the real agent's http_read_timeout. */
const READ_TIMEOUT_MS = 80_000
const TARGET = 'CodeDeployCommandService_v20141006'
const json = (value: unknown) => ({ Format: 'JSON', Payload: JSON.stringify(value) })

export function createCommandsClient(options: CommandsClientOptions): CommandsClient {
  const url = new URL(options.endpoint)
  const signer = new SignatureV4({
    service: 'codedeploy-commands',
    region: options.region,
    credentials: options.credentials,
    sha256: NodeSha256,
  })
  const call = async (operation: string, input: object, signal: AbortSignal): Promise<any> => {
    const body = JSON.stringify(input)
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port ? { port: Number(url.port) } : {}),
      path: '/',
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${TARGET}.${operation}`,
        'x-amz-codedeploy-agent-version': options.version,
      },
      body,
      query: {},
    })
    const { host: _, ...sent } = headers
    const response = await fetch(new URL('/', url), {
      method: 'POST',
      headers: sent,
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]),
    })
    const text = await response.text()
    const answer = parse(text)
    if (response.ok) return answer
    const code = String(answer.__type ?? `HTTP ${response.status}`)
      .split('#')
      .at(-1)!
    throw new CommandsError(
      code,
      String(answer.message ?? answer.Message ?? ''),
      response.status >= 500 || /throttl|rateexceeded/i.test(text),
    )
  }
  return {
    poll: async signal =>
      (await call('PollHostCommand', { HostIdentifier: options.host }, signal)).HostCommand ?? undefined,
    async specification(executionId, signal) {
      const input = { DeploymentExecutionId: executionId, HostIdentifier: options.host }
      const answer = await call('GetDeploymentSpecification', input, signal)
      if (answer.DeploymentSystem !== 'CodeDeploy') {
        throw new Error(`Deployment System mismatch: CodeDeploy != ${answer.DeploymentSystem}`)
      }
      return answer.DeploymentSpecification?.GenericEnvelope
    },
    acknowledge: async (id, noop, signal) =>
      (
        await call(
          'PutHostCommandAcknowledgement',
          { HostCommandIdentifier: id, Diagnostics: json({ IsCommandNoop: noop }) },
          signal,
        )
      ).CommandStatus,
    async update(id, Payload, signal) {
      await call(
        'PostHostCommandUpdate',
        { HostCommandIdentifier: id, Diagnostics: { Format: 'JSON', Payload } },
        signal,
      )
    },
    async complete(id, succeeded, Payload, signal) {
      const CommandStatus = succeeded ? 'Succeeded' : 'Failed'
      const Diagnostics = { Format: 'JSON', Payload }
      await call('PutHostCommandComplete', { HostCommandIdentifier: id, CommandStatus, Diagnostics }, signal)
    },
  }
}

/** Tries again after lost connections and server faults, for `forMs` at most. */
export async function persist<T>(forMs: number, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + forMs
  for (let pause = 200; ; pause = Math.min(pause * 2, 15_000)) {
    try {
      return await attempt()
    } catch (error) {
      const final = error instanceof CommandsError && !error.passing
      if (final || signal.aborted || performance.now() + pause > end) throw error
      await delay(pause, undefined, { signal })
    }
  }
}

function parse(text: string): any {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return {}
  }
}

class NodeSha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string)
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(data as string)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

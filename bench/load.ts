// A closed-loop load on one address: a fixed number of connections, each sending the next request when the last was answered.

import { Agent, request } from 'node:http'
import { median } from './figure.ts'

export interface Shot {
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Load {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

export async function load(
  shot: Shot,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  const start = performance.now()
  try {
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (performance.now() < end) {
          const from = performance.now()
          await once(shot, agent)
          times.push(performance.now() - from)
        }
      }),
    )
  } finally {
    agent.destroy()
  }
  const elapsed = (performance.now() - start) / 1000
  const sorted = times.sort((a, b) => a - b)
  return { perSecond: times.length / elapsed, p50: median(times), p99: sorted[Math.floor(sorted.length * 0.99)]! }
}

function once({ host, port, method, path, headers, body }: Shot, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, headers, agent }, response => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`))
      response.resume().once('end', resolve).once('error', reject)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

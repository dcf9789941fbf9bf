// One POST to a subscriber: 15 seconds, no redirects, the answer's body thrown away.

export interface Post {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** `failed` may be tried again, `refused` not. */
export type Outcome = { readonly kind: 'delivered' } | { readonly kind: 'failed' | 'refused'; readonly reason: string }

const TIMEOUT = 15_000

export async function post({ url, body, headers }: Post, signal: AbortSignal): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'user-agent': 'Amazon Simple Notification Service Agent', ...headers },
      // Where a subscriber points to afterwards is not what was confirmed.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    })
    await response.body?.cancel()
    if (response.ok) return { kind: 'delivered' }
    // AWS: client-side errors are not tried again, throttling is (SNS developer guide, Message delivery retries).
    const final = response.status < 500 && response.status !== 429
    return { kind: final ? 'refused' : 'failed', reason: `HTTP ${response.status}` }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return { kind: 'failed', reason: `${error instanceof Error ? error.message : error}${cause}` }
  }
}

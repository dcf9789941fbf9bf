// One call of a provider's REST API: bounded in time and size, never following a redirect to another host with the token.

import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** How a provider's API is reached. */
export interface ApiAccess {
  readonly api: string
  /** Says who calls; none for what is public. */
  readonly headers: Readonly<Record<string, string>>
  readonly insecure: boolean
}

/** The provider said no (`status`), or could not be reached (0). */
export class ProviderError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
  /** Trying again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

const TIMEOUT_MS = 15_000
const MOST = 16 << 20
const MOST_REDIRECTS = 3

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The answer's JSON; undefined when it has none. Throws ProviderError. */
export async function callProvider(access: ApiAccess, method: Method, path: string, body?: object): Promise<any> {
  const { origin } = new URL(access.api)
  let url = new URL(`${access.api}${path}`)
  for (let redirects = 0; ; redirects++) {
    const { status, location, text } = await send(access, method, url, body)
    if (status >= 300 && status < 400 && location && redirects < MOST_REDIRECTS) {
      const next = new URL(location, url)
      if (next.origin !== origin) throw new ProviderError(status, `${url.origin} redirects to another host`)
      url = next
      continue
    }
    if (status < 200 || status >= 300) throw new ProviderError(status, reasonOf(status, text))
    try {
      return text === '' ? undefined : JSON.parse(text)
    } catch {
      throw new ProviderError(0, `${url.origin} did not answer with JSON`)
    }
  }
}

function reasonOf(status: number, text: string): string {
  try {
    const { message, error, error_description: more } = JSON.parse(text)
    const said = more ?? error?.message ?? error ?? message
    if (typeof said === 'string') return `${status}: ${said.slice(0, 300)}`
    if (said !== undefined) return `${status}: ${JSON.stringify(said).slice(0, 300)}`
  } catch {
    // no JSON
  }
  return `HTTP status ${status}`
}

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

function send(access: ApiAccess, method: Method, url: URL, body?: object): Promise<Answer> {
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const headers = {
    accept: 'application/json',
    'user-agent': 'Codeyard',
    ...access.headers,
    ...(content && { 'content-type': 'application/json', 'content-length': content.length }),
  }
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(new ProviderError(0, `${url.origin} can not be reached: ${error.message}`))
    const make = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = make(
      url,
      { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), rejectUnauthorized: !access.insecure },
      response => {
        const parts: Buffer[] = []
        let size = 0
        response.on('data', (part: Buffer) => {
          size += part.length
          if (size > MOST) request.destroy(new Error(`an answer of more than ${MOST} bytes`))
          else parts.push(part)
        })
        response.on('error', failed)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        )
      },
    )
    request.on('error', failed)
    request.end(content)
  })
}

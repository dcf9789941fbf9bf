// What subscribers reach without a signature: the certificate of the signatures, and the links to confirm and to end.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Scope } from '../../core/scope.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { OpenCall } from '../../operation/call.ts'
import { readSubscriptionArn, readTopicArn } from './arns.ts'
import { CERTIFICATE_PATH } from './delivery.ts'
import { findCertificate } from './signingKeys.ts'
import { confirmSubscription, endSubscription } from './subscribing.ts'

export interface SnsDoorParts {
  /** Acts as SNS itself in a scope. */
  openCall(scope: Scope): OpenCall
}

const LINKS = new Set(['ConfirmSubscription', 'Unsubscribe'])

/** An HTTP door (see transports/http): unsigned GETs of SNS. */
export function snsDoor({ openCall }: SnsDoorParts) {
  return {
    matches(request: IncomingMessage): boolean {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false
      if (request.url?.startsWith(CERTIFICATE_PATH)) return true
      const url = new URL(request.url ?? '/', 'http://localhost')
      if (url.pathname !== '/' || request.headers.authorization || url.searchParams.has('X-Amz-Signature')) return false
      return LINKS.has(url.searchParams.get('Action') ?? '')
    },

    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const answer = url.pathname.startsWith(CERTIFICATE_PATH) ? await certificate(url) : await link(url)
      response.writeHead(answer.status, {
        'content-type': answer.type,
        'content-length': Buffer.byteLength(answer.body),
        'cache-control': 'no-store',
      })
      response.end(request.method === 'HEAD' ? undefined : answer.body)
    },
  }

  async function certificate(url: URL): Promise<Answer> {
    const [, hash] = url.pathname.slice(CERTIFICATE_PATH.length).match(/^([0-9a-f]{32})\.pem$/) ?? []
    const pem = hash && (await openCall({ account: '', region: '' }).read(({ tx }) => findCertificate(tx, hash)))
    return pem
      ? { status: 200, type: 'application/x-pem-file', body: pem }
      : { status: 404, type: 'text/plain', body: 'no such certificate\n' }
  }

  async function link({ searchParams }: URL): Promise<Answer> {
    const get = (name: string) => searchParams.get(name) ?? ''
    try {
      if (get('Action') === 'Unsubscribe') {
        const key = readSubscriptionArn(get('SubscriptionArn'))
        await openCall(key).transaction(call => endSubscription(call, key, false))
        return xml(200, '<UnsubscribeResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"/>')
      }
      const topic = readTopicArn(get('TopicArn'))
      const confirmation = { topic, token: get('Token'), authenticated: false, authenticateOnUnsubscribe: false }
      const arn = await openCall(topic).transaction(call => confirmSubscription(call, confirmation))
      return xml(
        200,
        `<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult>` +
          `<SubscriptionArn>${escaped(arn)}</SubscriptionArn></ConfirmSubscriptionResult></ConfirmSubscriptionResponse>`,
      )
    } catch (error) {
      if (!isServiceError(error)) throw error
      const code = error.code.replace(/Exception$/, '')
      return xml(
        code === 'NotFound' ? 404 : code === 'AuthorizationError' ? 403 : 400,
        `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>` +
          `<Code>${code}</Code><Message>${escaped(error.message)}</Message></Error></ErrorResponse>`,
      )
    }
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

const xml = (status: number, body: string): Answer => ({ status, type: 'text/xml', body })

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

// Which protocols a subscription may have, and what its endpoint must look like.

import type { Config } from '../../core/config.ts'
import { invalid } from './errors.ts'
import type { Protocol } from './subscriptions.ts'

const REFUSED: Readonly<Record<string, string>> = {
  sqs: 'SQS',
  lambda: 'Lambda',
  firehose: 'Firehose',
  sms: 'text messages',
  application: 'mobile push',
}

/** The protocol and endpoint, checked. Throws InvalidParameter. */
export function readEndpoint(
  protocol: string,
  endpoint: string | undefined,
  config: Config,
): { protocol: Protocol; endpoint: string } {
  switch (protocol) {
    case 'http':
    case 'https':
      if (!endpoint || !URL.canParse(endpoint) || !new RegExp(`^${protocol}://[^/]`, 'i').test(endpoint))
        return invalid('Endpoint must match the specified protocol')
      return { protocol, endpoint }
    case 'email':
    case 'email-json':
      if (!endpoint || endpoint.length > 320 || !/^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+$/.test(endpoint))
        return invalid('Email address')
      if (!config.smtp) return invalid('Protocol Reason: Codeyard sends email only when an SMTP server is configured')
      return { protocol, endpoint }
    default:
      if (REFUSED[protocol]) return invalid(`Protocol Reason: Codeyard does not deliver to ${REFUSED[protocol]}`)
      return invalid(`Amazon SNS does not support this protocol string: ${protocol}`)
  }
}

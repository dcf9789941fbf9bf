// Email through the SMTP server of the configuration: `smtp://user:password@host:port?from=address`.

import { createTransport } from 'nodemailer'
import type { Outcome } from './post.ts'

export interface Email {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The topic's display name, shown as the sender's. */
  readonly sender: string
}

const TIMEOUT = 15_000
const DEFAULT_FROM = 'no-reply@localhost'

export async function sendEmail(smtp: string, { to, subject, text, sender }: Email): Promise<Outcome> {
  const url = new URL(smtp)
  const secure = url.protocol === 'smtps:'
  const transport = createTransport({
    host: url.hostname,
    port: Number(url.port || (secure ? 465 : 25)),
    secure,
    ...(url.username && { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
    socketTimeout: TIMEOUT,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    const from = { name: sender || 'AWS Notifications', address: url.searchParams.get('from') ?? DEFAULT_FROM }
    await transport.sendMail({ from, to: { name: '', address: to }, subject, text })
    return { kind: 'delivered' }
  } catch (error) {
    const { responseCode = 0, message } = error as { responseCode?: number; message: string }
    return { kind: responseCode >= 500 ? 'refused' : 'failed', reason: message }
  } finally {
    transport.close()
  }
}

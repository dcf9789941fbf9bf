// A message as it is published: checked as AWS does, and what each protocol gets of it.

import type { MessageAttributeValue } from '@aws-sdk/client-sns'
import { invalid, invalidValue } from './errors.ts'

export interface Notification {
  readonly id: string
  readonly message: string
  /** `message` is an object with a text for each protocol, `default` for the others. */
  readonly structured: boolean
  readonly subject?: string | undefined
  readonly attributes: Readonly<Record<string, Attribute>>
  /** ISO 8601 with milliseconds. */
  readonly timestamp: string
}

export interface Attribute {
  /** String, Number, Binary, String.Array, or one of these with a custom label. */
  readonly type: string
  /** Binary: base64. */
  readonly value: string
}

interface Published {
  readonly Message?: string | undefined
  readonly Subject?: string | undefined
  readonly MessageStructure?: string | undefined
  readonly MessageAttributes?: Record<string, MessageAttributeValue> | undefined
  readonly MessageGroupId?: string | undefined
  readonly MessageDeduplicationId?: string | undefined
}

/** AWS: 256 KB with attributes (Publish, API reference). */
export const MOST_BYTES = 262_144

/** The message, and its size as AWS counts it. Throws what Publish answers for a broken one. */
export function readMessage(input: Published, id: string, now: Date): { notification: Notification; bytes: number } {
  const message = input.Message ?? ''
  if (message === '') invalid('Empty message')
  if (input.MessageDeduplicationId !== undefined)
    invalid(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    )
  const subject = input.Subject
  // AWS: "must be ASCII text that begins with a letter, number, or punctuation mark; must not include line breaks or
  // control characters; and must be less than 100 characters long" (Publish, API reference).
  if (subject !== undefined && (subject.length > 100 || !/^[^\s\p{Cc}][^\p{Cc}]*$/u.test(subject))) invalid('Subject')
  const structured = input.MessageStructure !== undefined
  if (structured) checkStructure(input.MessageStructure!, message)
  const attributes = readAttributes(input.MessageAttributes ?? {})
  const bytes =
    Buffer.byteLength(message) +
    Object.entries(attributes).reduce(
      (sum, [name, { type, value }]) =>
        sum + Buffer.byteLength(name) + Buffer.byteLength(type) + Buffer.byteLength(value),
      0,
    )
  return { notification: { id, message, structured, subject, attributes, timestamp: now.toISOString() }, bytes }
}

function checkStructure(structure: string, message: string): void {
  if (structure !== 'json') invalid(`Invalid MessageStructure parameter: ${structure}`)
  let body: unknown
  try {
    body = JSON.parse(message)
  } catch {
    invalid('Message Structure - JSON message body failed to parse')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    invalid('Message Structure - JSON message body failed to parse')
  if (typeof (body as { default?: unknown }).default !== 'string')
    invalid('Message Structure - No default entry in JSON message body')
}

/** The text for a protocol. */
export function textFor({ structured, message }: Notification, protocol: string): string {
  if (!structured) return message
  const texts = JSON.parse(message)
  return typeof texts[protocol] === 'string' ? texts[protocol] : texts.default
}

function readAttributes(attributes: Record<string, MessageAttributeValue>): Record<string, Attribute> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, readAttribute(name, value)]))
}

function readAttribute(name: string, { DataType = '', StringValue, BinaryValue }: MessageAttributeValue): Attribute {
  if (!/^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/.test(name))
    invalidValue(`The message attribute name '${name}' contains invalid characters.`)
  if (DataType === '') invalidValue(`The message attribute '${name}' must contain non-empty message attribute type.`)
  if (!/^(String|Number|Binary)(\.[\w.-]+)?$/.test(DataType))
    invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  const value = DataType.startsWith('Binary') ? BinaryValue && Buffer.from(BinaryValue).toString('base64') : StringValue
  if (!value)
    return invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    )
  if (DataType.startsWith('Number') && Number.isNaN(Number(value)))
    invalidValue(`Could not cast message attribute '${name}' value to number.`)
  return { type: DataType, value }
}

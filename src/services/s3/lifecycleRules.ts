// What a lifecycle configuration may say, and which objects a rule means on a day.
// AWS: "Lifecycle configuration elements" [Amazon S3 user guide, intro-lifecycle-rules].

import type { LifecycleRule } from '@aws-sdk/client-s3'
import { fail, failArgument } from './errors.ts'
import type { Tag } from './objects.ts'

const DAY = 24 * 60 * 60 * 1000

/** Refuses what AWS refuses. DEVIATES: transitions are kept as written and move nothing, because there is one kind of storage. */
export function checkRules(rules: readonly LifecycleRule[]): void {
  if (rules.length === 0 || rules.length > 1000) fail('MalformedXML')
  const ids = rules.flatMap(rule => rule.ID ?? [])
  if (new Set(ids).size < ids.length) {
    fail('InvalidArgument', { message: 'Rule ID must be unique. Found same ID for more than one rule' })
  }
  for (const rule of rules) checkRule(rule)
}

function checkRule(rule: LifecycleRule): void {
  if (rule.Status !== 'Enabled' && rule.Status !== 'Disabled') fail('MalformedXML')
  if (rule.Filter !== undefined && rule.Prefix !== undefined) fail('MalformedXML')
  if (Object.keys(rule.Filter ?? {}).length > 1) fail('MalformedXML')
  if (rule.ID && rule.ID.length > 255) failArgument('ID', rule.ID, 'ID length should not exceed allowed limit of 255')
  const {
    Expiration,
    NoncurrentVersionExpiration,
    AbortIncompleteMultipartUpload,
    Transitions,
    NoncurrentVersionTransitions,
  } = rule
  if (
    !(
      Expiration ??
      NoncurrentVersionExpiration ??
      AbortIncompleteMultipartUpload ??
      Transitions ??
      NoncurrentVersionTransitions
    )
  ) {
    fail('InvalidRequest', { message: 'At least one action needs to be specified in a rule' })
  }
  if (Expiration) {
    const said = [Expiration.Days, Expiration.Date, Expiration.ExpiredObjectDeleteMarker].filter(
      one => one !== undefined,
    )
    if (said.length !== 1) fail('MalformedXML')
    positive("'Days' for Expiration action", Expiration.Days)
    if (Expiration.Date && new Date(Expiration.Date).getTime() % DAY !== 0) {
      fail('InvalidArgument', { message: "'Date' must be at midnight GMT" })
    }
  }
  positive("'NoncurrentDays' for NoncurrentVersionExpiration action", NoncurrentVersionExpiration?.NoncurrentDays)
  positive(
    "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action",
    AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  )
}

function positive(what: string, days: number | undefined): void {
  if (days !== undefined && (!Number.isInteger(days) || days < 1))
    fail('InvalidArgument', { message: `${what} must be a positive integer` })
}

/** Which objects a rule is about. */
export interface Selection {
  readonly prefix: string
  readonly tags: readonly Tag[]
  readonly larger: number | undefined
  readonly smaller: number | undefined
}

export function selectionOf({ Filter, Prefix }: LifecycleRule): Selection {
  const one = Filter?.And ?? Filter ?? {}
  const tags = Filter?.And?.Tags ?? (Filter?.Tag ? [Filter.Tag] : [])
  return {
    prefix: one.Prefix ?? Prefix ?? '',
    tags: tags.map(({ Key = '', Value = '' }) => ({ Key, Value })),
    larger: one.ObjectSizeGreaterThan,
    smaller: one.ObjectSizeLessThan,
  }
}

/**
 * Objects from before this time are `days` old today. AWS: the time is "rounded up to the next day midnight UTC", so at any moment
 * of a day the same objects are due.
 */
export function dueBefore(days: number, now: Date): Date {
  return new Date(midnight(now).getTime() - days * DAY)
}

const midnight = (time: Date) => new Date(Math.floor(time.getTime() / DAY) * DAY)

/** A minute after the next midnight UTC: when rules are carried out. */
export const nextRun = (now: Date) => new Date(midnight(now).getTime() + DAY + 60_000)

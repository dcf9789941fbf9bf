// When a failed delivery is tried again: AWS's delivery policies as a list of pauses. Pure.

export interface RetryPolicy {
  readonly minDelayTarget: number
  readonly maxDelayTarget: number
  readonly numRetries: number
  readonly numNoDelayRetries?: number
  readonly numMinDelayRetries?: number
  readonly numMaxDelayRetries?: number
  readonly backoffFunction?: 'linear' | 'arithmetic' | 'geometric' | 'exponential'
}

// AWS: three tries more, 20 seconds apart, for http and https (SNS developer guide, Message delivery retries).
export const DEFAULT_DELIVERY_POLICY = {
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
} as const

// AWS: for SMTP 2 retries 10 seconds apart, 10 backing off from 10 to 600 seconds, 38 at 600 seconds: 50 over 6 hours.
export const EMAIL_POLICY: RetryPolicy = {
  minDelayTarget: 10,
  maxDelayTarget: 600,
  numRetries: 50,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 38,
  backoffFunction: 'exponential',
}

const MOST_RETRIES = 100
const MOST_DELAY = 3600

/** Seconds before each retry, in order. */
export function retryDelays(policy: RetryPolicy): number[] {
  const { minDelayTarget: low, maxDelayTarget: high, numRetries } = policy
  const { numNoDelayRetries: none = 0, numMinDelayRetries: early = 0, numMaxDelayRetries: late = 0 } = policy
  const between = Math.max(0, numRetries - none - early - late)
  const fill = (count: number, seconds: number) => Array.from({ length: count }, () => seconds)
  const backoff = Array.from({ length: between }, (_, step) =>
    backoffDelay(policy.backoffFunction ?? 'linear', low, high, between === 1 ? 1 : step / (between - 1)),
  )
  return [...fill(none, 0), ...fill(early, low), ...backoff, ...fill(late, high)].slice(0, numRetries)
}

/** A value from `low` to `high` at `part` (0 to 1) of the way. */
function backoffDelay(curve: NonNullable<RetryPolicy['backoffFunction']>, low: number, high: number, part: number) {
  switch (curve) {
    case 'linear':
      return Math.round(low + (high - low) * part)
    case 'arithmetic':
      return Math.round(low + (high - low) * part ** 1.5)
    case 'geometric':
      return Math.round(low + (high - low) * part ** 2)
    case 'exponential':
      return Math.round(low * (high / Math.max(low, 1)) ** part)
  }
}

/** The retries of http and https: the subscription's policy, else the topic's, else AWS's default. */
export function httpRetryPolicy(ofSubscription: string | undefined, ofTopic: string | undefined): RetryPolicy {
  const topic = ofTopic ? JSON.parse(ofTopic).http : undefined
  const subscription = ofSubscription && !topic?.disableSubscriptionOverrides ? JSON.parse(ofSubscription) : undefined
  return {
    ...DEFAULT_DELIVERY_POLICY.http.defaultHealthyRetryPolicy,
    ...topic?.defaultHealthyRetryPolicy,
    ...subscription?.healthyRetryPolicy,
  }
}

/** Why a delivery policy (a topic's or a subscription's) is refused; undefined when it is fine. */
export function deliveryPolicyProblem(text: string): string | undefined {
  let policy: any
  try {
    policy = JSON.parse(text)
  } catch {
    return 'must be a JSON string'
  }
  const retry = policy?.http?.defaultHealthyRetryPolicy ?? policy?.healthyRetryPolicy
  if (retry === undefined || retry === null) return undefined
  if (typeof retry !== 'object') return 'healthyRetryPolicy must be a JSON object'
  const whole = { ...DEFAULT_DELIVERY_POLICY.http.defaultHealthyRetryPolicy, ...retry }
  for (const [name, most] of [
    ['numRetries', MOST_RETRIES],
    ['numNoDelayRetries', MOST_RETRIES],
    ['numMinDelayRetries', MOST_RETRIES],
    ['numMaxDelayRetries', MOST_RETRIES],
    ['minDelayTarget', MOST_DELAY],
    ['maxDelayTarget', MOST_DELAY],
  ] as const) {
    const value: unknown = whole[name]
    const least = name.endsWith('Target') ? 1 : 0
    if (!Number.isInteger(value) || Number(value) < least || Number(value) > most)
      return `${name} must be an integer between ${least} and ${most}`
  }
  if (whole.maxDelayTarget < whole.minDelayTarget)
    return 'maxDelayTarget must be greater than or equal to minDelayTarget'
  if (!['linear', 'arithmetic', 'geometric', 'exponential'].includes(whole.backoffFunction))
    return 'backoffFunction must be one of linear, arithmetic, geometric, exponential'
  return undefined
}

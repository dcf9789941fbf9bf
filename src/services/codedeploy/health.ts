// How many hosts must stay healthy, and so how many may be down at once [instances-health, deployment-configurations].

export type MinimumHealthyHosts =
  | { readonly type: 'HOST_COUNT' | 'FLEET_PERCENT'; readonly value: number }
  /** AWS: what GetDeploymentConfig shows for CodeDeployDefault.OneAtATime, with the value 1 [API_MinimumHealthyHosts]. */
  | { readonly type: 'MOST_CONCURRENCY'; readonly value: number }

/** Of `total` hosts this many must have the revision (or be spared) for the deployment to succeed; percentages round up. */
export function minimumHealthy(minimum: MinimumHealthyHosts, total: number): number {
  switch (minimum.type) {
    case 'HOST_COUNT':
      return minimum.value
    case 'FLEET_PERCENT':
      return Math.ceil((minimum.value * total) / 100)
    case 'MOST_CONCURRENCY':
      return Math.max(0, total - minimum.value)
  }
}

/** How many hosts may be in the middle of it or failed at a time; 0: the deployment fails at once. */
export function concurrencyBudget(minimum: MinimumHealthyHosts, total: number): number {
  return Math.max(0, total - minimumHealthy(minimum, total))
}

/** AWS: the order of deployment: failed, unknown, older revision, current revision. */
export const HEALTH_ORDER = ['failed', 'unknown', 'older', 'current'] as const
export type RevisionHealth = (typeof HEALTH_ORDER)[number]

/** What a host's last deployment of this group says about it now. */
export function revisionHealth(
  last: { readonly status: string; readonly revisionKey: string } | undefined,
  revisionKey: string,
): RevisionHealth {
  if (!last) return 'unknown'
  if (last.status !== 'Succeeded') return 'failed'
  return last.revisionKey === revisionKey ? 'current' : 'older'
}

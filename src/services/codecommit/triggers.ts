// Repository triggers: AWS's rules for their configuration, which changes concern one, and the message that it sends.

import type { RepositoryTrigger } from '@aws-sdk/client-codecommit'
import { parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import { isBranchName, ZERO_ID } from '../../git/index.ts'
import { refuse } from './errors.ts'
import { type RepositoryRow, repositoryArn, type StoredTrigger } from './repositories.ts'

// AWS: at most 10 triggers, 10 branches a trigger, 1,000 characters of custom data; names without spaces and commas [limits].
const MOST_TRIGGERS = 10
const MOST_BRANCHES = 10
const MOST_CUSTOM_DATA = 1000

export function checkTriggers(scope: Scope, triggers: readonly RepositoryTrigger[]): StoredTrigger[] {
  if (triggers.length > MOST_TRIGGERS) refuse('MaximumRepositoryTriggersExceededException')
  const checked = triggers.map(trigger => checkTrigger(scope, trigger))
  if (new Set(checked.map(({ name }) => name)).size < checked.length) refuse('InvalidRepositoryTriggerNameException')
  return checked
}

function checkTrigger(scope: Scope, trigger: RepositoryTrigger): StoredTrigger {
  const { name, destinationArn, customData = '', branches = [], events } = trigger
  if (!name) return refuse('RepositoryTriggerNameRequiredException')
  if (!/^[\w.-]{1,100}$/.test(name)) refuse('InvalidRepositoryTriggerNameException')
  if (!destinationArn) return refuse('RepositoryTriggerDestinationArnRequiredException')
  const arn = parseArn(destinationArn)
  if (arn?.service !== 'sns' && arn?.service !== 'lambda') refuse('InvalidRepositoryTriggerDestinationArnException')
  if (arn?.region !== scope.region) refuse('InvalidRepositoryTriggerRegionException')
  if (customData.length > MOST_CUSTOM_DATA) refuse('InvalidRepositoryTriggerCustomDataException')
  if (branches.length > MOST_BRANCHES) refuse('MaximumBranchesExceededException')
  if (!branches.every(isBranchName)) refuse('InvalidRepositoryTriggerBranchNameException')
  if (!events?.length) return refuse('RepositoryTriggerEventsListRequiredException')
  if (events.includes('all') && events.length > 1) refuse('InvalidRepositoryTriggerEventsException')
  return { name, destinationArn, customData, branches, events }
}

export interface Happened {
  readonly callerUserArn: string
  /** ISO 8601. */
  readonly time: string
  readonly eventId: string
  readonly changes: readonly { readonly name: string; readonly old: string; readonly new: string }[]
}

/** The changes that `trigger` is about; no branches named means all branches and tags. */
export function concerning(trigger: StoredTrigger, changes: Happened['changes']): Happened['changes'] {
  return changes.filter(({ name, old, new: commit }) => {
    const event = old === ZERO_ID ? 'createReference' : commit === ZERO_ID ? 'deleteReference' : 'updateReference'
    const hears = trigger.events.includes('all') || trigger.events.includes(event)
    return hears && (trigger.branches.length === 0 || trigger.branches.some(branch => name === `refs/heads/${branch}`))
  })
}

// AWS: the message's form is that of the example in [how-to-notify-sns].
export function triggerMessage(
  repository: RepositoryRow,
  trigger: StoredTrigger,
  happened: Happened,
  test = false,
): string {
  return JSON.stringify({
    Records: [
      {
        awsRegion: repository.region,
        codecommit: {
          references: concerning(trigger, happened.changes).map(({ name, old, new: commit }) => ({
            commit: commit === ZERO_ID ? old : commit,
            ...(old === ZERO_ID && { created: true }),
            ...(commit === ZERO_ID && { deleted: true }),
            ref: name,
          })),
        },
        customData: trigger.customData,
        eventId: happened.eventId,
        eventName: test ? 'TriggerEventTest' : 'ReferenceChanges',
        eventPartNumber: 1,
        eventSource: 'aws:codecommit',
        eventSourceARN: repositoryArn(repository, repository.name),
        eventTime: happened.time.replace('Z', '+0000'),
        eventTotalParts: 1,
        eventTriggerConfigId: repository.triggers_id,
        eventTriggerName: trigger.name,
        eventVersion: '1.0',
        userIdentityARN: happened.callerUserArn,
      },
    ],
  })
}

// EventBridge: buses, rules and targets. Every operation of its model, and why some are not there.

import { allNotSupported, defineService, read, write } from '../../operation/service.ts'
import type { Tx } from '../../store/tx.ts'
import { access } from './access.ts'
import { readResource } from './arns.ts'
import { findBus } from './buses.ts'
import { createEventBus } from './operations/buses/createEventBus.ts'
import { deleteEventBus } from './operations/buses/deleteEventBus.ts'
import { describeEventBus } from './operations/buses/describeEventBus.ts'
import { listEventBuses } from './operations/buses/listEventBuses.ts'
import { putPermission } from './operations/buses/putPermission.ts'
import { removePermission } from './operations/buses/removePermission.ts'
import { updateEventBus } from './operations/buses/updateEventBus.ts'
import { putEvents } from './operations/events/putEvents.ts'
import { testEventPattern } from './operations/events/testEventPattern.ts'
import { deleteRule } from './operations/rules/deleteRule.ts'
import { describeRule } from './operations/rules/describeRule.ts'
import { listRuleNamesByTarget } from './operations/rules/listRuleNamesByTarget.ts'
import { listRules } from './operations/rules/listRules.ts'
import { putRule } from './operations/rules/putRule.ts'
import { disableRule, enableRule } from './operations/rules/setRuleState.ts'
import { listTagsForResource, tagResource, untagResource } from './operations/tags/tagResource.ts'
import { listTargetsByRule } from './operations/targets/listTargetsByRule.ts'
import { putTargets } from './operations/targets/putTargets.ts'
import { removeTargets } from './operations/targets/removeTargets.ts'
import { tasks } from './tasks.ts'

const ARCHIVES = 'archives and replays are not there: events are routed once and not kept'
const CONNECTIONS = 'API destinations are not there: an SNS topic with an https subscription posts events'
const PARTNERS = 'there are no partners whose events could arrive'

export const events = defineService<'events'>({
  name: 'events',
  principal: 'events.amazonaws.com',
  access,
  async resourcePolicy(tx: Tx, arn: string) {
    const resource = readResource(arn)
    const [, , , region, account] = arn.split(':')
    if (resource?.kind !== 'bus' || !account || !region) return undefined
    return (await findBus(tx, { account, region }, resource.bus))?.policy ?? undefined
  },
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  subscriptions: [{ source: '*', detailType: '*', task: 'route' }],
  operations: {
    CreateEventBus: write(createEventBus),
    DeleteEventBus: write(deleteEventBus),
    DescribeEventBus: read(describeEventBus),
    ListEventBuses: read(listEventBuses),
    UpdateEventBus: write(updateEventBus),
    PutPermission: write(putPermission),
    RemovePermission: write(removePermission),
    PutRule: write(putRule),
    DeleteRule: write(deleteRule),
    DescribeRule: read(describeRule),
    ListRules: read(listRules),
    EnableRule: write(enableRule),
    DisableRule: write(disableRule),
    ListRuleNamesByTarget: read(listRuleNamesByTarget),
    PutTargets: write(putTargets),
    RemoveTargets: write(removeTargets),
    ListTargetsByRule: read(listTargetsByRule),
    PutEvents: write(putEvents),
    TestEventPattern: read(testEventPattern),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListTagsForResource: read(listTagsForResource),
    ...allNotSupported(
      ['CreateArchive', 'DeleteArchive', 'DescribeArchive', 'ListArchives', 'UpdateArchive'],
      ARCHIVES,
    ),
    ...allNotSupported(['StartReplay', 'CancelReplay', 'DescribeReplay', 'ListReplays'], ARCHIVES),
    ...allNotSupported(['CreateConnection', 'DeleteConnection', 'DescribeConnection', 'ListConnections'], CONNECTIONS),
    ...allNotSupported(['UpdateConnection', 'DeauthorizeConnection', 'CreateApiDestination'], CONNECTIONS),
    ...allNotSupported(['DeleteApiDestination', 'DescribeApiDestination', 'ListApiDestinations'], CONNECTIONS),
    ...allNotSupported(['UpdateApiDestination'], CONNECTIONS),
    ...allNotSupported(
      ['CreateEndpoint', 'DeleteEndpoint', 'DescribeEndpoint', 'ListEndpoints', 'UpdateEndpoint'],
      'global endpoints fail over between regions, which are all in one place here',
    ),
    ...allNotSupported(['ActivateEventSource', 'DeactivateEventSource', 'DescribeEventSource'], PARTNERS),
    ...allNotSupported(['ListEventSources', 'CreatePartnerEventSource', 'DeletePartnerEventSource'], PARTNERS),
    ...allNotSupported(['DescribePartnerEventSource', 'ListPartnerEventSources', 'PutPartnerEvents'], PARTNERS),
    ...allNotSupported(['ListPartnerEventSourceAccounts'], PARTNERS),
  },
})

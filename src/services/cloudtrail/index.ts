// CloudTrail: the record of every call, and looking it up. Every operation of its model, and why some are not there.

import { allNotSupported, defineService, read } from '../../operation/service.ts'
import { lookupEvents } from './operations/events/lookupEvents.ts'
import { describeTrails, listTrails } from './operations/trails/describeTrails.ts'
import { pruner, tasks } from './pruning.ts'

export { auditRecord } from './record.ts'
export { type AuditSink, auditSink } from './sink.ts'

const TRAILS = 'trails that deliver to S3 are not there yet: the last 90 days are always recorded, see LookupEvents'
const LAKE = 'CloudTrail Lake is not there: see LookupEvents'
const ORGANIZATIONS = 'organizations are not there'

export const cloudtrail = defineService<'cloudtrail'>({
  name: 'cloudtrail',
  principal: 'cloudtrail.amazonaws.com',
  access: (_call, operation) => [{ action: `cloudtrail:${operation}`, resource: '*' }],
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  workers: [pruner],
  operations: {
    LookupEvents: read(lookupEvents),
    DescribeTrails: read(describeTrails),
    ListTrails: read(listTrails),
    ...allNotSupported(['CreateTrail', 'DeleteTrail', 'GetTrail', 'GetTrailStatus', 'UpdateTrail'], TRAILS),
    ...allNotSupported(['StartLogging', 'StopLogging', 'GetEventSelectors', 'PutEventSelectors'], TRAILS),
    ...allNotSupported(['AddTags', 'RemoveTags', 'ListTags', 'ListPublicKeys'], TRAILS),
    ...allNotSupported(['GetResourcePolicy', 'PutResourcePolicy', 'DeleteResourcePolicy'], LAKE),
    ...allNotSupported(
      ['GetInsightSelectors', 'PutInsightSelectors', 'ListInsightsMetricData', 'ListInsightsData'],
      'Insights are not there',
    ),
    ...allNotSupported(['CreateEventDataStore', 'DeleteEventDataStore', 'GetEventDataStore'], LAKE),
    ...allNotSupported(['ListEventDataStores', 'RestoreEventDataStore', 'UpdateEventDataStore'], LAKE),
    ...allNotSupported(['StartEventDataStoreIngestion', 'StopEventDataStoreIngestion'], LAKE),
    ...allNotSupported(['GetEventConfiguration', 'PutEventConfiguration'], LAKE),
    ...allNotSupported(['StartQuery', 'CancelQuery', 'DescribeQuery', 'GetQueryResults', 'ListQueries'], LAKE),
    ...allNotSupported(['GenerateQuery', 'SearchSampleQueries', 'EnableFederation', 'DisableFederation'], LAKE),
    ...allNotSupported(['CreateDashboard', 'DeleteDashboard', 'GetDashboard', 'ListDashboards'], LAKE),
    ...allNotSupported(['UpdateDashboard', 'StartDashboardRefresh'], LAKE),
    ...allNotSupported(['CreateChannel', 'DeleteChannel', 'GetChannel', 'ListChannels', 'UpdateChannel'], LAKE),
    ...allNotSupported(['StartImport', 'StopImport', 'GetImport', 'ListImports', 'ListImportFailures'], LAKE),
    ...allNotSupported(['RegisterOrganizationDelegatedAdmin', 'DeregisterOrganizationDelegatedAdmin'], ORGANIZATIONS),
  },
})

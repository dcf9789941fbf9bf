// CloudWatch Logs: the log store of the house. Every operation of its model, and why some are not there.

import { allNotSupported, defineService, notSupported, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { constraintError } from './errors.ts'
import { filterLogEvents } from './operations/events/filterLogEvents.ts'
import { getLogEvents } from './operations/events/getLogEvents.ts'
import { putLogEvents } from './operations/events/putLogEvents.ts'
import { putLogLines } from './operations/events/putLogLines.ts'
import { testMetricFilter } from './operations/filters/testMetricFilter.ts'
import { createLogGroup } from './operations/groups/createLogGroup.ts'
import { deleteLogGroup } from './operations/groups/deleteLogGroup.ts'
import { deleteRetentionPolicy } from './operations/groups/deleteRetentionPolicy.ts'
import { describeLogGroups } from './operations/groups/describeLogGroups.ts'
import { associateKmsKey, disassociateKmsKey } from './operations/groups/kmsKeys.ts'
import { putLogGroupDeletionProtection } from './operations/groups/putLogGroupDeletionProtection.ts'
import { putRetentionPolicy } from './operations/groups/putRetentionPolicy.ts'
import { listTagsLogGroup, tagLogGroup, untagLogGroup } from './operations/groups/tagLogGroup.ts'
import { listTagsForResource, tagResource, untagResource } from './operations/groups/tagResource.ts'
import { deleteResourcePolicy } from './operations/policies/deleteResourcePolicy.ts'
import { describeResourcePolicies } from './operations/policies/describeResourcePolicies.ts'
import { putResourcePolicy } from './operations/policies/putResourcePolicy.ts'
import { createLogStream } from './operations/streams/createLogStream.ts'
import { deleteLogStream } from './operations/streams/deleteLogStream.ts'
import { describeLogStreams } from './operations/streams/describeLogStreams.ts'
import { policyFor } from './policies.ts'
import { tasks } from './tasks.ts'

export const logs = defineService<'logs'>({
  name: 'logs',
  principal: 'logs.amazonaws.com',
  access,
  constraintError,
  takesNul: ['PutLogEvents', 'PutLogLines'], // events are kept as bytes
  resourcePolicy: policyFor,
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  operations: {
    CreateLogGroup: write(createLogGroup),
    DeleteLogGroup: write(deleteLogGroup),
    DescribeLogGroups: read(describeLogGroups),
    PutRetentionPolicy: write(putRetentionPolicy),
    DeleteRetentionPolicy: write(deleteRetentionPolicy),
    PutLogGroupDeletionProtection: write(putLogGroupDeletionProtection),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListTagsForResource: read(listTagsForResource),
    TagLogGroup: write(tagLogGroup),
    UntagLogGroup: write(untagLogGroup),
    ListTagsLogGroup: read(listTagsLogGroup),
    CreateLogStream: write(createLogStream),
    DeleteLogStream: write(deleteLogStream),
    DescribeLogStreams: read(describeLogStreams),
    PutLogEvents: write(putLogEvents),
    PutLogLines: write(putLogLines),
    GetLogEvents: read(getLogEvents),
    FilterLogEvents: read(filterLogEvents),
    TestMetricFilter: read(testMetricFilter),
    PutResourcePolicy: write(putResourcePolicy),
    DescribeResourcePolicies: read(describeResourcePolicies),
    DeleteResourcePolicy: write(deleteResourcePolicy),
    AssociateKmsKey: write(associateKmsKey),
    DisassociateKmsKey: write(disassociateKmsKey),
    ListLogGroups: notSupported('use DescribeLogGroups: searching names by regular expression is not there'),
    StartLiveTail: notSupported('event streams are not there: follow a stream with the forward token of GetLogEvents'),
    GetLogObject: notSupported('large log objects do not exist here: events are stored whole'),
    ...allNotSupported(
      ['PutMetricFilter', 'DescribeMetricFilters', 'DeleteMetricFilter'],
      'metric filters need CloudWatch metrics, which are not there yet; TestMetricFilter tries out a pattern',
    ),
    ...allNotSupported(
      ['PutSubscriptionFilter', 'DescribeSubscriptionFilters', 'DeleteSubscriptionFilter', 'PutDestination'],
      'subscriptions deliver to Lambda, Kinesis and Firehose, which are not there',
    ),
    ...allNotSupported(
      ['DescribeDestinations', 'DeleteDestination', 'PutDestinationPolicy'],
      'destinations belong to subscriptions, which deliver to services that are not there',
    ),
    ...allNotSupported(
      ['StartQuery', 'StopQuery', 'GetQueryResults', 'DescribeQueries', 'ListLogGroupsForQuery', 'GetLogRecord'],
      'Logs Insights is not there: search with FilterLogEvents',
    ),
    ...allNotSupported(
      ['GetLogFields', 'GetLogGroupFields', 'PutQueryDefinition', 'DescribeQueryDefinitions', 'DeleteQueryDefinition'],
      'Logs Insights is not there: search with FilterLogEvents',
    ),
    ...allNotSupported(
      ['CreateScheduledQuery', 'DeleteScheduledQuery', 'GetScheduledQuery', 'GetScheduledQueryHistory'],
      'Logs Insights is not there: search with FilterLogEvents',
    ),
    ...allNotSupported(
      ['ListScheduledQueries', 'UpdateScheduledQuery', 'ListAggregateLogGroupSummaries'],
      'Logs Insights is not there: search with FilterLogEvents',
    ),
    ...allNotSupported(
      ['CreateLookupTable', 'DeleteLookupTable', 'DescribeLookupTables', 'GetLookupTable', 'UpdateLookupTable'],
      'lookup tables belong to Logs Insights, which is not there',
    ),
    ...allNotSupported(
      ['PutIndexPolicy', 'DescribeIndexPolicies', 'DeleteIndexPolicy', 'DescribeFieldIndexes'],
      'field indexes belong to Logs Insights, which is not there',
    ),
    ...allNotSupported(
      ['CreateExportTask', 'CancelExportTask', 'DescribeExportTasks'],
      'exports to S3 are not there: read with GetLogEvents and store with s3 cp',
    ),
    ...allNotSupported(
      ['CreateImportTask', 'CancelImportTask', 'DescribeImportTasks', 'DescribeImportTaskBatches'],
      'imports from CloudTrail Lake are not there',
    ),
    ...allNotSupported(
      ['CreateDelivery', 'DeleteDelivery', 'DescribeDeliveries', 'GetDelivery', 'UpdateDeliveryConfiguration'],
      'vended log deliveries are not there: services write to log groups themselves',
    ),
    ...allNotSupported(
      ['PutDeliverySource', 'GetDeliverySource', 'DescribeDeliverySources', 'DeleteDeliverySource'],
      'vended log deliveries are not there: services write to log groups themselves',
    ),
    ...allNotSupported(
      ['PutDeliveryDestination', 'GetDeliveryDestination', 'DescribeDeliveryDestinations', 'DeleteDeliveryDestination'],
      'vended log deliveries are not there: services write to log groups themselves',
    ),
    ...allNotSupported(
      ['PutDeliveryDestinationPolicy', 'GetDeliveryDestinationPolicy', 'DeleteDeliveryDestinationPolicy'],
      'vended log deliveries are not there: services write to log groups themselves',
    ),
    ...allNotSupported(
      ['DescribeConfigurationTemplates'],
      'vended log deliveries are not there: services write to log groups themselves',
    ),
    ...allNotSupported(
      ['CreateLogAnomalyDetector', 'DeleteLogAnomalyDetector', 'GetLogAnomalyDetector', 'ListLogAnomalyDetectors'],
      'anomaly detection is not there',
    ),
    ...allNotSupported(
      ['UpdateLogAnomalyDetector', 'ListAnomalies', 'UpdateAnomaly'],
      'anomaly detection is not there',
    ),
    ...allNotSupported(
      ['PutDataProtectionPolicy', 'GetDataProtectionPolicy', 'DeleteDataProtectionPolicy'],
      'masking of sensitive data is not there: do not log what must not be read',
    ),
    ...allNotSupported(
      ['PutAccountPolicy', 'DescribeAccountPolicies', 'DeleteAccountPolicy'],
      'account policies carry data protection, subscriptions and transformers, none of which are there',
    ),
    ...allNotSupported(
      ['PutTransformer', 'GetTransformer', 'DeleteTransformer', 'TestTransformer'],
      'log transformers are not there: events are stored as written',
    ),
    ...allNotSupported(
      ['PutIntegration', 'GetIntegration', 'DeleteIntegration', 'ListIntegrations'],
      'the integration with OpenSearch is not there',
    ),
    ...allNotSupported(
      ['AssociateSourceToS3TableIntegration', 'DisassociateSourceFromS3TableIntegration'],
      'S3 tables are not there',
    ),
    ...allNotSupported(['ListSourcesForS3TableIntegration'], 'S3 tables are not there'),
    ...allNotSupported(
      ['PutSyslogConfiguration', 'DeleteSyslogConfiguration', 'ListSyslogConfigurations'],
      'a syslog receiver is not there: write with PutLogEvents',
    ),
    ...allNotSupported(['PutStorageTierPolicy', 'GetStorageTierPolicy'], 'there is one storage tier'),
    PutBearerTokenAuthentication: notSupported('bearer tokens are not there: sign requests with SigV4'),
  },
})

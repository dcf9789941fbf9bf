// CloudWatch: metrics, alarms on them, and dashboards. Every operation of its model, and why some are not there.

import { allNotSupported, defineService, notSupported, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { constraintError } from './errors.ts'
import { disableAlarmActions, enableAlarmActions } from './operations/alarms/alarmActions.ts'
import { deleteAlarms } from './operations/alarms/deleteAlarms.ts'
import { describeAlarmHistory } from './operations/alarms/describeAlarmHistory.ts'
import { describeAlarms, describeAlarmsForMetric } from './operations/alarms/describeAlarms.ts'
import { putMetricAlarm } from './operations/alarms/putMetricAlarm.ts'
import { setAlarmState } from './operations/alarms/setAlarmState.ts'
import { deleteDashboards, getDashboard, listDashboards } from './operations/dashboards/getDashboard.ts'
import { putDashboard } from './operations/dashboards/putDashboard.ts'
import { getMetricData } from './operations/metrics/getMetricData.ts'
import { getMetricStatistics } from './operations/metrics/getMetricStatistics.ts'
import { listMetrics } from './operations/metrics/listMetrics.ts'
import { putMetricData } from './operations/metrics/putMetricData.ts'
import { listTagsForResource, tagResource, untagResource } from './operations/tags/tagResource.ts'
import { ager, tasks } from './tasks.ts'

const CONTRIBUTORS = 'Contributor Insights reads logs by rule, which is not there: search with FilterLogEvents'
const STREAMS = 'metric streams deliver to Firehose, which is not there: poll GetMetricData'
const MUTES = 'mute rules are not there: use DisableAlarmActions and EnableAlarmActions'

export const cloudwatch = defineService<'cloudwatch'>({
  name: 'cloudwatch',
  principal: 'cloudwatch.amazonaws.com',
  access,
  constraintError,
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  workers: [ager],
  operations: {
    PutMetricData: write(putMetricData),
    GetMetricData: read(getMetricData),
    GetMetricStatistics: read(getMetricStatistics),
    ListMetrics: read(listMetrics),
    PutMetricAlarm: write(putMetricAlarm),
    DescribeAlarms: read(describeAlarms),
    DescribeAlarmsForMetric: read(describeAlarmsForMetric),
    DeleteAlarms: write(deleteAlarms),
    SetAlarmState: write(setAlarmState),
    EnableAlarmActions: write(enableAlarmActions),
    DisableAlarmActions: write(disableAlarmActions),
    DescribeAlarmHistory: read(describeAlarmHistory),
    PutDashboard: write(putDashboard),
    GetDashboard: read(getDashboard),
    ListDashboards: read(listDashboards),
    DeleteDashboards: write(deleteDashboards),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListTagsForResource: read(listTagsForResource),
    PutCompositeAlarm: notSupported('composite alarms are not there: make one alarm on an expression over the metrics'),
    PutLogAlarm: notSupported('alarms on log queries are not there: put a metric and make an alarm on it'),
    DescribeAlarmContributors: notSupported('alarms have one time series each, so there are no contributors'),
    GetMetricWidgetImage: notSupported('pictures of graphs are not drawn on the server: chart GetMetricData'),
    ...allNotSupported(
      ['PutAnomalyDetector', 'DescribeAnomalyDetectors', 'DeleteAnomalyDetector'],
      'anomaly detection is not there: alarm on a fixed threshold',
    ),
    ...allNotSupported(['PutAlarmMuteRule', 'GetAlarmMuteRule', 'ListAlarmMuteRules', 'DeleteAlarmMuteRule'], MUTES),
    ...allNotSupported(['PutMetricStream', 'GetMetricStream', 'ListMetricStreams', 'DeleteMetricStream'], STREAMS),
    ...allNotSupported(['StartMetricStreams', 'StopMetricStreams'], STREAMS),
    ...allNotSupported(['PutInsightRule', 'DescribeInsightRules', 'DeleteInsightRules'], CONTRIBUTORS),
    ...allNotSupported(['EnableInsightRules', 'DisableInsightRules', 'GetInsightRuleReport'], CONTRIBUTORS),
    ...allNotSupported(['PutManagedInsightRules', 'ListManagedInsightRules'], CONTRIBUTORS),
    ...allNotSupported(
      ['GetOTelEnrichment', 'StartOTelEnrichment', 'StopOTelEnrichment', 'UpdateOTelEnrichment'],
      'an OpenTelemetry receiver is not there: use PutMetricData',
    ),
    ...allNotSupported(
      [
        'CreateResourceMetricsConfiguration',
        'DeleteResourceMetricsConfiguration',
        'GetResourceMetricsConfiguration',
        'UpdateResourceMetricsConfiguration',
      ],
      'detailed metrics of resources can not be configured: services put the metrics that they have',
    ),
    ...allNotSupported(
      ['AssociateDatasetKmsKey', 'DisassociateDatasetKmsKey', 'GetDataset'],
      'data sets of metrics are not there; encrypt the disk of the database',
    ),
  },
})

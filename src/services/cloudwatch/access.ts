// Which permission on which resource each operation needs.

import type { Access, AccessCall } from '../../operation/service.ts'
import { alarmArn, dashboardArn } from './arns.ts'

// AWS: Actions, resources, and condition keys for Amazon CloudWatch (service authorization reference).
export function access({ scope }: AccessCall, operation: string, input: any): Access[] {
  const action = `cloudwatch:${operation}`
  const alarms = (names: readonly string[]) => names.map(name => ({ action, resource: alarmArn(scope, name) }))
  switch (operation) {
    case 'PutMetricData':
      return [{ action, resource: '*', context: { 'cloudwatch:namespace': input.Namespace } }]
    case 'PutMetricAlarm':
      return [
        ...alarms([input.AlarmName]),
        ...(input.Tags?.length
          ? [{ action: 'cloudwatch:TagResource', resource: alarmArn(scope, input.AlarmName) }]
          : []),
      ]
    case 'SetAlarmState':
      return alarms([input.AlarmName])
    case 'DeleteAlarms':
    case 'EnableAlarmActions':
    case 'DisableAlarmActions':
      return alarms(input.AlarmNames)
    case 'DescribeAlarmHistory':
      return alarms([input.AlarmName ?? '*'])
    case 'DescribeAlarms':
      return alarms(input.AlarmNames?.length ? input.AlarmNames : ['*'])
    case 'PutDashboard':
    case 'GetDashboard':
      return [{ action, resource: dashboardArn(scope, input.DashboardName) }]
    case 'DeleteDashboards':
      return input.DashboardNames.map((name: string) => ({ action, resource: dashboardArn(scope, name) }))
    case 'TagResource':
    case 'UntagResource':
    case 'ListTagsForResource':
      return [{ action, resource: input.ResourceARN }]
    default:
      return [{ action, resource: '*' }]
  }
}

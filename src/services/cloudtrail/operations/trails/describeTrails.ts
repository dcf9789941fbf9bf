// DescribeTrails and ListTrails: there are none, for CreateTrail is not supported; the event history needs none.

import type { Handler } from '../../../../operation/handler.ts'

export const describeTrails: Handler<'cloudtrail', 'DescribeTrails'> = async () => ({ trailList: [] })
export const listTrails: Handler<'cloudtrail', 'ListTrails'> = async () => ({ Trails: [] })

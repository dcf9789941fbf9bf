// Builds of a yard, waited for as a client does.

import type { Build } from '@aws-sdk/client-codebuild'
import { type Patience, until } from '../../src/testing/until.ts'
import type { Yard } from './yard.ts'

const POLL_MS = 50

/** `until` that shows the servers' logs when it never happened. */
export function untilIn<T>(
  yards: Yard | readonly Yard[],
  what: () => Promise<T | undefined | false> | T | undefined | false,
  { otherwise = () => 'it never happened', ...patience }: Patience = {},
): Promise<T> {
  const said = () => [otherwise(), ...[yards].flat().map(yard => yard.log().slice(-3000))].join('\n----\n')
  return until(what, { pause: POLL_MS, ...patience, otherwise: said })
}

/** The build once it is over, with its log. */
export async function endedBuild(
  yard: Yard,
  id: string,
  seconds?: number,
): Promise<{ readonly build: Build; readonly log: string }> {
  const over = async () => {
    const [build] = (await yard.clients.codebuild.batchGetBuilds({ ids: [id] })).builds!
    return build!.buildComplete && build!
  }
  const build = await untilIn(yard, over, {
    ...(seconds !== undefined && { seconds }),
    otherwise: () => `the build ${id} does not end`,
  })
  return { build, log: await buildLog(yard, build) }
}

/** Of CloudWatch Logs; rejects while there is none. */
export async function buildLog(yard: Yard, { logs }: Pick<Build, 'logs'>): Promise<string> {
  const place = { logGroupName: logs!.groupName!, logStreamName: logs!.streamName!, startFromHead: true }
  const { events } = await yard.clients.logs.getLogEvents(place)
  return events!.map(({ message }) => message).join('')
}

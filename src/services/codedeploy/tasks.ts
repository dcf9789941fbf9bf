// What happens by itself: a new deployment starts, a silent host's event expires, a trigger is published.

import type { Task } from '../../operation/service.ts'
import { advance } from './advance.ts'
import { lastSeenSentence } from './diagnostics.ts'
import { findInstance } from './instances.ts'

const start: Task = async (call, { deploymentId }: { deploymentId: string }) => {
  await call.transaction(inner => advance(inner, deploymentId, { type: 'start' }))
}

const expire: Task = async (call, payload: { deploymentId: string; target: string; event: string }) => {
  await call.transaction(async inner => {
    const instance = await findInstance(inner.tx, inner.scope, payload.target)
    const message =
      // AWS: the text of an event that the host never took.
      `CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and make sure the agent is running and can connect to the CodeDeploy server. ${lastSeenSentence(payload.target, instance?.last_seen_at ?? null, inner.now)}`
    await advance(inner, payload.deploymentId, {
      type: 'expired',
      target: payload.target,
      event: payload.event,
      message,
    })
  })
}

const publish: Task = async (call, notice: { role: string; topic: string; subject: string; message: string }) => {
  await call.as(notice.role).invoke('sns', 'Publish', {
    TopicArn: notice.topic,
    Subject: notice.subject,
    Message: notice.message,
  })
}

export const tasks: Readonly<Record<string, Task>> = { start, expire, publish }

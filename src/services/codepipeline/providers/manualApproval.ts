// Manual approval: a token, a notification when the action names a topic, and seven days to answer.

import type { ActionProvider } from './provider.ts'

const EXPIRES_DAYS = 7

export const manualApproval: ActionProvider = {
  category: 'Approval',
  provider: 'Manual',
  timeoutMinutes: EXPIRES_DAYS * 24 * 60,
  atOnce: true,
  async start({ call, invoke }, { configuration, pipeline, stage, action }) {
    const token = call.ids.uuid()
    if (configuration.NotificationArn) {
      const expires = new Date(call.now.getTime() + EXPIRES_DAYS * 86_400_000)
      const minute = (date: Date) => date.toISOString().replace(/:\d{2}\.\d{3}Z$/, 'Z')
      const link = `${call.config.endpoint}/codepipeline/${pipeline.name}`
      // Source: approvals-json-format.md.
      const message = {
        region: call.scope.region,
        consoleLink: link,
        approval: {
          pipelineName: pipeline.name,
          stageName: stage,
          actionName: action.name,
          token,
          expires: minute(expires),
          externalEntityLink: configuration.ExternalEntityLink ?? null,
          approvalReviewLink: `${link}/approve/${stage}/${action.name}/${token}`,
          customData: configuration.CustomData ?? null,
        },
      }
      await invoke('sns', 'Publish', {
        TopicArn: configuration.NotificationArn,
        Subject: `APPROVAL NEEDED: AWS CodePipeline ${pipeline.name} for action ${action.name}`.slice(0, 100),
        Message: JSON.stringify(message),
      })
    }
    return { status: 'running', token }
  },
}

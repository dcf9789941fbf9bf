// UpdateWebhook: other filters, another secret; what is not given stays.

import { randomBytes } from 'node:crypto'
import type { UpdateWebhookCommandInput } from '@aws-sdk/client-codebuild'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { projectName } from '../../definition.ts'
import { providerOf } from '../../providers/providerOf.ts'
import { wantedEvents } from '../../webhooks/filters.ts'
import { atProvider, hookAccess, projectOf, webhookOf } from '../../webhooks/hookAccess.ts'
import { type HookDefinition, openSecret, saveWebhook, sealSecret, webhookShape } from '../../webhooks/webhooks.ts'
import { checkHook } from './createWebhook.ts'

export const updateWebhook: OpenHandler<'codebuild', 'UpdateWebhook'> = async (call, input) => {
  const project = await projectOf(call, projectName(call.scope, input.projectName!))
  const row = await webhookOf(call, project.name)
  const definition = changed(row.definition, input)
  checkHook(definition, row.source_type)
  // AWS: rotateSecret is ignored for Bitbucket [UpdateWebhook].
  const rotate = input.rotateSecret === true && row.source_type !== 'BITBUCKET'
  const secret = rotate ? randomBytes(32).toString('hex') : openSecret(call.config.dataDir, row)
  const updated = {
    ...row,
    definition,
    ...(rotate && { sealed_secret: sealSecret(call.config.dataDir, row, secret), secret_modified_at: call.now }),
  }
  const { hook_id: id } = row
  if (id !== null) {
    const access = await hookAccess(call, row, project)
    const wanted = {
      payloadUrl: row.payload_url,
      secret,
      events: wantedEvents(definition),
      comments: definition.pullRequestBuildPolicy?.requiresCommentApproval !== 'DISABLED',
    }
    await atProvider('update', () => providerOf(row.source_type).updateHook(access, row.place, id, wanted))
  }
  await call.transaction(({ tx }) => saveWebhook(tx, updated))
  return { webhook: webhookShape(updated, rotate && id === null ? secret : undefined) }
}

function changed(before: HookDefinition, input: UpdateWebhookCommandInput): HookDefinition {
  const { branchFilter, filterGroups, buildType, pullRequestBuildPolicy } = input
  const { branchFilter: oldBranch, filterGroups: oldGroups, ...rest } = before
  // One kind of filter takes the place of the other.
  const filters =
    filterGroups?.length || branchFilter !== undefined
      ? { ...(branchFilter && { branchFilter }), ...(filterGroups?.length && { filterGroups }) }
      : {
          ...(oldBranch && { branchFilter: oldBranch }),
          ...(oldGroups && filterGroups === undefined && { filterGroups: oldGroups }),
        }
  return {
    ...rest,
    ...filters,
    ...(buildType && { buildType }),
    ...(pullRequestBuildPolicy && { pullRequestBuildPolicy }),
  }
}

// DeleteWebhook: the provider's hook goes, then ours.

import type { OpenHandler } from '../../../../operation/handler.ts'
import { projectName } from '../../definition.ts'
import { providerOf } from '../../providers/providerOf.ts'
import { ProviderError } from '../../providers/request.ts'
import { atProvider, hookAccess, projectOf, webhookOf } from '../../webhooks/hookAccess.ts'
import { deleteWebhook as deleteRow } from '../../webhooks/webhooks.ts'

export const deleteWebhook: OpenHandler<'codebuild', 'DeleteWebhook'> = async (call, input) => {
  const project = await projectOf(call, projectName(call.scope, input.projectName!))
  const row = await webhookOf(call, project.name)
  const { hook_id: id } = row
  if (id !== null) {
    const access = await hookAccess(call, row, project)
    await atProvider('delete', () =>
      providerOf(row.source_type)
        .deleteHook(access, row.place, id)
        .catch(error => {
          // Somebody deleted it there.
          if (!(error instanceof ProviderError && error.status === 404)) throw error
        }),
    )
  }
  await call.transaction(({ tx, scope }) => deleteRow(tx, scope, project.name))
  return {}
}

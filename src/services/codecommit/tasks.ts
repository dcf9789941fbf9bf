// What happens after a change of references: triggers are delivered, packs rolled up, directories of deleted repositories removed.

import { ServiceError } from '../../core/serviceError.ts'
import type { OpenCall } from '../../operation/call.ts'
import { deliverTrigger } from './deliverTrigger.ts'
import type { RepositoryRow } from './repositories.ts'
import { gitOf } from './store.ts'
import { concerning, type Happened, triggerMessage } from './triggers.ts'

interface Concerned {
  readonly repositoryId: string
}

const load = (call: OpenCall, id: string) =>
  call.read(({ tx }) => tx.one<RepositoryRow>`select * from codecommit.repositories where id = ${id}`)

/** One job a trigger, so that a topic that fails is tried again without sending to the others twice. */
async function deliverTriggers(call: OpenCall, payload: Concerned & Happened): Promise<void> {
  const repository = await load(call, payload.repositoryId)
  const concerned = repository?.triggers.filter(trigger => concerning(trigger, payload.changes).length > 0) ?? []
  if (concerned.length === 0) return
  await call.transaction(async inner => {
    for (const { name } of concerned) {
      const jobKey = `codecommit.trigger.${payload.eventId}.${name}`
      await inner.addJob('deliverOneTrigger', { ...payload, trigger: name }, { jobKey, maxAttempts: 5 })
    }
  })
}

async function deliverOneTrigger(call: OpenCall, payload: Concerned & Happened & { trigger: string }): Promise<void> {
  const repository = await load(call, payload.repositoryId)
  const trigger = repository?.triggers.find(({ name }) => name === payload.trigger)
  if (!repository || !trigger) return
  try {
    await deliverTrigger(call, trigger, triggerMessage(repository, trigger, payload))
  } catch (error) {
    // A topic that is gone or that refuses stays so: the push is long done, the log says it.
    if (!(error instanceof ServiceError) || (error.status ?? 400) >= 500) throw error
    call.log.warn({ trigger: trigger.name, repository: repository.name, code: error.code }, error.message)
  }
}

async function maintain(call: OpenCall, { repositoryId }: Concerned): Promise<void> {
  if (!(await load(call, repositoryId))) return
  const directory = gitOf(call.config).repository(repositoryId)
  await directory.ensure()
  await directory.maintain()
}

async function removeObjects(call: OpenCall, { repositoryId }: Concerned): Promise<void> {
  if (await load(call, repositoryId)) return
  await gitOf(call.config).repository(repositoryId).remove()
}

export const tasks = { deliverTriggers, deliverOneTrigger, maintain, removeObjects }

// How a builder on another machine gets the key of the house's secrets, knowing the database only: it asks in a row for it, with a public
// key, and a process that has the master key answers with what only the asker can open. The key is never in the database in the clear nor
// on the builder's disk. Who may write to the database could have every secret anyway, by a build that prints it; who can only read it,
// or a copy of it, gets nothing.

import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../../core/log.ts'
import { adoptMasterKey, masterKeyOf, masterSecret } from '../../../core/masterKey.ts'
import { notify, type Store, type Tx } from '../../../store/tx.ts'

const CHANNEL = 'codebuild_keys'
const LOOK_MS = 100

interface Question {
  readonly id: string
  readonly public_key: string
  readonly who: string
}

/** Asks for the master key and takes it on as the data directory's, in memory. Throws when nobody answers in time. */
export async function askForMasterKey(store: Store, dataDir: string, patienceMs = 60_000): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const id = randomUUID()
  const who = `${hostname()} (process ${process.pid})`
  await store.transaction(async tx => {
    await tx.run`insert into codebuild.key_requests (id, public_key, who) values (${id}, ${exported(publicKey)}, ${who})`
    await notify(tx, CHANNEL, id)
  })
  try {
    for (const end = performance.now() + patienceMs; performance.now() < end; await delay(LOOK_MS)) {
      const row = await store.read(
        tx => tx.one<{ answer: string | null }>`select answer from codebuild.key_requests where id = ${id}`,
      )
      if (!row) break // an answer that came too late was thrown away
      if (row.answer !== null) return adoptMasterKey(dataDir, opened(row.answer, id, privateKey))
    }
  } finally {
    await store.transaction(tx => tx.run`delete from codebuild.key_requests where id = ${id}`)
  }
  throw new Error(
    `no process of this database handed over the key of its secrets: start one with the api role first, or copy master.key from its data directory to ${dataDir}`,
  )
}

/** Answers those who ask, as long as it is not closed. */
export async function answerForMasterKey(store: Store, dataDir: string, log: Log): Promise<() => Promise<void>> {
  const answerAll = () =>
    store.transaction(async tx => {
      await tx.run`delete from codebuild.key_requests where asked_at < now() - interval '10 minutes'`
      const questions = await tx.rows<Question>`
        select id, public_key, who from codebuild.key_requests where answer is null for update skip locked`
      for (const question of questions) await answer(tx, question)
      for (const { who } of questions) log.warn({ who }, 'handed the key of the secrets to a builder')
    })
  const answer = async (tx: Tx, { id, public_key }: Question) => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519')
    const shared = diffieHellman({ privateKey, publicKey: imported(public_key) })
    const sealed = masterKeyOf(shared).seal(purpose(id), masterSecret(dataDir))
    await tx.run`update codebuild.key_requests set answer = ${`${exported(publicKey)}.${sealed}`} where id = ${id}`
  }
  const heard = () => void answerAll().catch(error => log.warn({ err: error }, 'a builder could not be answered'))
  const stop = await store.listen(CHANNEL, heard)
  heard()
  return stop
}

const purpose = (id: string) => `master key for ${id}`
const exported = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64')
const imported = (text: string) => createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })

function opened(answer: string, id: string, privateKey: KeyObject): Buffer {
  const [publicKey = '', sealed = ''] = answer.split('.')
  const secret = masterKeyOf(diffieHellman({ privateKey, publicKey: imported(publicKey) })).open(purpose(id), sealed)
  if (!secret) throw new Error('the key that was handed over can not be opened: somebody changed the answer')
  return secret
}

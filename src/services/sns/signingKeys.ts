// The key that signs deliveries: made once for each master key, sealed by it, its certificate readable by everyone.

import { createPrivateKey, type KeyObject } from 'node:crypto'
import { loadMasterKey } from '../../core/masterKey.ts'
import type { OpenCall } from '../../operation/call.ts'
import type { Tx } from '../../store/tx.ts'
import { makeCertificate } from './certificate.ts'

export interface SigningKey {
  readonly key: KeyObject
  readonly hash: string
}

interface KeyRow {
  hash: string
  sealed_key: string
}

const opened = new Map<string, KeyObject>()
const PURPOSE = 'sns/signing-key'

/** The key of this process's master key, made on first use. */
export async function signingKey(call: OpenCall): Promise<SigningKey> {
  const master = loadMasterKey(call.config.dataDir)
  const row = (await call.read(({ tx }) => findKey(tx, master.fingerprint))) ?? (await createKey(call))
  const known = opened.get(row.hash)
  if (known) return { key: known, hash: row.hash }
  const pem = master.open(PURPOSE, row.sealed_key)
  if (!pem) throw new Error('the signing key of SNS cannot be opened with the master key of the data directory')
  const key = createPrivateKey(pem)
  opened.set(row.hash, key)
  return { key, hash: row.hash }
}

async function createKey(call: OpenCall): Promise<KeyRow> {
  const master = loadMasterKey(call.config.dataDir)
  const serial = Buffer.from(call.ids.uuid().replaceAll('-', ''), 'hex')
  const made = await makeCertificate('sns.amazonaws.com', call.now, serial)
  const sealed = master.seal(PURPOSE, made.privateKey)
  return call.transaction(async ({ tx, now }) => {
    await tx.run`
      insert into sns.signing_keys (fingerprint, hash, certificate, sealed_key, created_at)
      values (${master.fingerprint}, ${made.hash}, ${made.certificate}, ${sealed}, ${now})
      on conflict do nothing`
    return (await findKey(tx, master.fingerprint))!
  })
}

const findKey = (tx: Tx, fingerprint: string) =>
  tx.one<KeyRow>`select hash, sealed_key from sns.signing_keys where fingerprint = ${fingerprint}`

/** The certificate (PEM) whose hash is in a SigningCertURL. */
export async function findCertificate(tx: Tx, hash: string): Promise<string | undefined> {
  const row = await tx.one<{ certificate: string }>`select certificate from sns.signing_keys where hash = ${hash}`
  return row?.certificate
}

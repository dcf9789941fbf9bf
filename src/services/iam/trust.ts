// Trust policies of roles: checked when they are stored, also that the users and roles they name exist.

import { parseArn } from '../../core/arn.ts'
import { parsePolicy } from '../../policy/index.ts'
import type { Tx } from '../../store/tx.ts'
import { entityArn } from './arns.ts'
import { fail, overQuota, policySize } from './errors.ts'
import { findIdentity } from './identities.ts'
import type { Kind } from './kinds.ts'

const LARGEST = 2048

/** The text, if it may be stored for a role of `account`. */
export async function checkedTrust(tx: Tx, account: string, text: string): Promise<string> {
  const document = parsePolicy(text, 'trust')
  if (policySize(text) > LARGEST) overQuota('ACLSizePerRole', LARGEST)
  for (const { Principal } of document.Statement) {
    if (Principal === undefined || Principal === '*') continue
    for (const value of [Principal.AWS ?? []].flat()) await checkPrincipal(tx, account, value)
  }
  return text
}

/** AWS: `Invalid principal in policy: "AWS":"arn..."` [IAM user guide, troubleshooting policies]; other accounts are not looked into. */
async function checkPrincipal(tx: Tx, account: string, value: string): Promise<void> {
  if (value === '*' || /^\d{12}$/.test(value) || /^A(IDA|ROA)[A-Z0-9]+$/.test(value)) return
  const invalid = () => fail('MalformedPolicyDocumentException', `Invalid principal in policy: "AWS":"${value}"`)
  const arn = parseArn(value)
  if (!arn || (arn.service !== 'iam' && arn.service !== 'sts')) return invalid()
  if (arn.service === 'sts' || arn.resource === 'root') return
  const [kind = '', ...rest] = arn.resource.split('/')
  if ((kind !== 'user' && kind !== 'role') || arn.resource.includes('*')) return invalid()
  if (arn.account !== account) return
  const found = await findIdentity(tx, account, kind satisfies Kind, rest.at(-1) ?? '')
  if (!found || entityArn(found) !== value) invalid()
}

// Parts of requests that need what is not there: refused by name.

import { invalidParameter } from './errors.ts'

interface Wanted {
  readonly Type?: string
  readonly AddReplicaRegions?: readonly unknown[]
}

export function checkWanted({ Type, AddReplicaRegions }: Wanted): void {
  if (Type) invalidParameter(`Codeyard does not support managed external secrets: Type ${Type}`)
  if (AddReplicaRegions?.length) invalidParameter('Codeyard does not replicate secrets: AddReplicaRegions')
}

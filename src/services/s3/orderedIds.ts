// Ids of versions and uploads: 32 characters, of which the first tell the order, so that a listing can go on after one that was deleted.

import { ALPHANUMERIC, type Ids } from '../../core/ids.ts'

const ORDER_LENGTH = 9
const LENGTH = 32

/** The id of what has `position` among its kind. */
export function orderedId(position: number, ids: Ids): string {
  return position.toString(36).padStart(ORDER_LENGTH, '0') + ids.text(LENGTH - ORDER_LENGTH, ALPHANUMERIC)
}

/** The position in an id, or undefined for a text that is none of ours. */
export function positionOf(id: string): number | undefined {
  if (!/^[a-z0-9]{9}[A-Za-z0-9]{23}$/.test(id)) return undefined
  return Number.parseInt(id.slice(0, ORDER_LENGTH), 36)
}

import { plural } from 'plural'

/** The lines of a receipt in cents; a discount of ten percent from 100.00 on. */
export function receipt(items) {
  if (items.length === 0) throw new RangeError('a receipt has at least one item')
  const sum = items.reduce((total, { price, count = 1 }) => total + price * count, 0)
  const discount = sum >= 10_000 ? Math.round(sum / 10) : 0
  return { text: `${plural(items.length, 'item')}: ${money(sum - discount)}`, discount }
}

export const money = cents => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`

// The yard of a file of tests with clients: one for all of them, which at the end must have logged no error.

import { afterAll, beforeAll, expect } from 'vitest'
import { unexpectedErrors } from '../clients.ts'
import { openYard, type Yard } from './yard.ts'

/** `opened` is given the yard before the file's first test. */
export function clientsYard(opened: (yard: Yard) => void): void {
  let yard: Yard | undefined
  beforeAll(async () => {
    yard = await openYard({ args: ['--sandbox', 'host'] })
    opened(yard)
  }, 120_000)
  afterAll(async () => {
    const errors = yard ? unexpectedErrors(yard) : []
    await yard?.close()
    expect(errors).toEqual([])
  }, 60_000)
}

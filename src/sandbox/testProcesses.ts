// Looks at the processes of this machine for tests: also those in containers are seen here when the engine runs here.

import { readdirSync, readFileSync } from 'node:fs'

/** How many processes have `argument` as one of their arguments. */
export function processesWith(argument: string): number {
  return readdirSync('/proc').filter(name => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(argument)
    } catch {
      return false
    }
  }).length
}

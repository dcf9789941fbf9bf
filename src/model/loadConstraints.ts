// Reads a service's constraints from their generated file; a service without a file has none.

import { readFileSync } from 'node:fs'
import { codedeployCommandsConstraints } from './codedeployCommands.ts'
import type { Constraints } from './constraints.ts'

const NONE: Constraints = { operations: {}, shapes: {} }

export function loadConstraints(service: string): Constraints {
  if (service === 'codedeploy-commands') return codedeployCommandsConstraints
  try {
    return JSON.parse(readFileSync(new URL(`./constraints/${service}.json`, import.meta.url), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NONE
    throw error
  }
}

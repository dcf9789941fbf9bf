// Reads an appspec as the CodeDeploy agent does, but finds everything that is wrong at once and says where.

import type { Diagnostic } from '../diagnostic.ts'
import type { Appspec } from './appspec.ts'
import { openReader } from './reader.ts'
import { readServer } from './server.ts'
import { readServerless } from './serverless.ts'

export interface ParsedAppspec {
  /** Absent when there is an error. */
  readonly appspec?: Appspec
  /** In the agent's order of checks: its own report is the first error's message. */
  readonly diagnostics: readonly Diagnostic[]
}

/** `file` is only for the diagnostics. Never throws; text of any size and content is answered with diagnostics. */
export function parseAppspec(text: string, file = 'appspec.yml'): ParsedAppspec {
  const reader = openReader(text, file)
  if (reader.diagnostics.some(isError)) return { diagnostics: reader.diagnostics }
  if (reader.root === null || reader.root === undefined || reader.root === false) {
    // AWS: the agent's text for an empty file [application_specification.rb].
    reader.error(
      [],
      "The deployment failed because the application specification file was empty. Make sure your AppSpec file defines at minimum the 'version' and 'os' properties.",
    )
    return { diagnostics: reader.diagnostics }
  }
  if (typeof reader.root !== 'object' || Array.isArray(reader.root)) {
    reader.error(
      [],
      'The application specification file must be a map with the keys version, os, files, permissions and hooks.',
    )
    return { diagnostics: reader.diagnostics }
  }
  const root = reader.root as Record<string, unknown>
  const serverless = 'Resources' in root || 'resources' in root
  const appspec = serverless ? readServerless(reader, root) : readServer(reader, root)
  return reader.diagnostics.some(isError)
    ? { diagnostics: reader.diagnostics }
    : { appspec, diagnostics: reader.diagnostics }
}

const isError = (diagnostic: Diagnostic) => diagnostic.severity === 'error'

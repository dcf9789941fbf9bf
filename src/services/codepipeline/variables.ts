// Variables: #{namespace.name} in an action's configuration (source: reference-variables.md).

import type { ActionDeclaration, PipelineDeclaration } from '../../specs/pipeline/declaration.ts'
import type { ActionRunRow, ExecutionRow } from './executions.ts'

const REFERENCE = /#\{([A-Za-z0-9@\-_]+)\.([A-Za-z0-9@\-_]+)\}/g

export type Namespaces = ReadonlyMap<string, Readonly<Record<string, string>>>

/** What can be referred to now: `codepipeline`, `variables`, and the namespaces of actions that ended. */
export function namespaces(
  pipeline: PipelineDeclaration,
  execution: ExecutionRow,
  runs: readonly ActionRunRow[],
): Namespaces {
  const known = new Map<string, Readonly<Record<string, string>>>([
    ['codepipeline', { PipelineExecutionId: execution.id }],
    ['variables', execution.variables],
  ])
  for (const stage of pipeline.stages) {
    for (const action of stage.actions) {
      if (!action.namespace) continue
      const run = runs
        .filter(({ stage: at, name, status }) => at === stage.name && name === action.name && status === 'Succeeded')
        .at(-1)
      if (run) known.set(action.namespace, run.output_variables)
    }
  }
  return known
}

/** The configuration with every reference replaced, or the sentence that says which one can not be. */
export function resolve(
  action: ActionDeclaration,
  known: Namespaces,
): { configuration: Record<string, string> } | { problem: string } {
  const configuration: Record<string, string> = {}
  let problem: string | undefined
  for (const [key, value] of Object.entries(action.configuration ?? {})) {
    configuration[key] = value.replace(REFERENCE, (text, namespace: string, name: string) => {
      const found = known.get(namespace)?.[name]
      if (found === undefined) {
        problem ??= `An action variable could not be resolved. Variable ${text} in the configuration ${key} of action ${action.name} is not known at this point`
      }
      return found ?? text
    })
  }
  return problem === undefined ? { configuration } : { problem }
}

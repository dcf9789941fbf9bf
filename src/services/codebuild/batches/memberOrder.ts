// What StartBuild and RetryBuild are told when a batch calls them: hung on their input, where only calls of this process can put it.

import type { Call } from '../../../operation/call.ts'
import { type BuildRow, findBuild } from '../builds.ts'
import type { BuildDefinition } from '../definition.ts'
import type { ProjectRow } from '../projects.ts'
import { enqueueBuild } from '../startBuild.ts'

const ORDER = Symbol.for('codeyard.batchMember')

export interface MemberOrder {
  /** `project:uuid` that the build has to have: a second order for it finds the first one's build. */
  readonly build: string
  readonly definition: BuildDefinition
}

export const withOrder = <Input extends object>(input: Input, order: MemberOrder): Input =>
  Object.defineProperty({ ...input }, ORDER, { value: order })

export const orderOf = (input: object): MemberOrder | undefined => (input as { [ORDER]?: MemberOrder })[ORDER]

/** The build that the batch orders, or the one that it got before. */
export async function enqueueMember(
  call: Call,
  project: ProjectRow,
  { build, definition }: MemberOrder,
): Promise<BuildRow> {
  const known = await findBuild(call.tx, call.scope, build)
  return known ?? enqueueBuild(call, project, definition, build, { id: build, waitOverLimit: true })
}

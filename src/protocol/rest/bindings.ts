// Where each member of a REST operation's input or output lives: path, query, header, payload, status or body. Found once a shape.

import type { Member, StructureShape } from '../../model/index.ts'

export interface Bindings {
  readonly labels: readonly Member[]
  /** Wire name -> member. */
  readonly query: ReadonlyMap<string, Member>
  /** A map that takes all other query parameters. */
  readonly queryParams: Member | undefined
  /** Lower-case header name -> member. */
  readonly headers: readonly (readonly [string, Member])[]
  /** Lower-case prefix -> member. */
  readonly prefixHeaders: readonly (readonly [string, Member])[]
  readonly payload: Member | undefined
  readonly status: Member | undefined
  /** What is left: a structure of the members in the body; undefined without any. */
  readonly body: StructureShape | undefined
}

const known = new WeakMap<StructureShape, Bindings>()

export function bindingsOf(shape: StructureShape): Bindings {
  let bindings = known.get(shape)
  if (!bindings) {
    bindings = findBindings(shape)
    known.set(shape, bindings)
  }
  return bindings
}

function findBindings(shape: StructureShape): Bindings {
  const labels: Member[] = []
  const query = new Map<string, Member>()
  const headers: [string, Member][] = []
  const prefixHeaders: [string, Member][] = []
  const inBody: Member[] = []
  let queryParams: Member | undefined
  let payload: Member | undefined
  let status: Member | undefined
  for (const member of shape.members) {
    const { httpLabel, httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode } =
      member.traits
    if (httpLabel) labels.push(member)
    else if (httpQuery !== undefined) query.set(httpQuery, member)
    else if (httpQueryParams) queryParams = member
    else if (httpHeader !== undefined) headers.push([httpHeader.toLowerCase(), member])
    else if (httpPrefixHeaders !== undefined) prefixHeaders.push([httpPrefixHeaders.toLowerCase(), member])
    else if (httpPayload) payload = member
    else if (httpResponseCode) status = member
    else inBody.push(member)
  }
  const body = payload || inBody.length === 0 ? undefined : { ...pick(shape), members: inBody }
  return { labels, query, queryParams, headers, prefixHeaders, payload, status, body }
}

const pick = ({ kind, name, union, traits }: StructureShape) => ({ kind, name, union, traits })

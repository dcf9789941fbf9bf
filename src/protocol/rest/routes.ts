// Which operation of a REST service a method, path and query mean: templates of the model, the most specific one wins.

import type { OperationModel, ServiceModel } from '../../model/index.ts'
import type { Labels } from '../serverProtocol.ts'

/** What routing looks at, decoded once a request. */
export interface Asked {
  readonly method: string
  /** Encoded segments after the first slash; S3 leaves its bucket out. */
  readonly segments: readonly string[]
  readonly query: ReadonlyMap<string, string>
  readonly headers: Readonly<Record<string, unknown>>
}

interface Route {
  readonly operation: OperationModel
  readonly segments: readonly Segment[]
  /** `?uploads` needs the name, `?list-type=2` the value too. */
  readonly query: readonly (readonly [name: string, value: string | undefined])[]
  /** Query parameters and headers of required members: they tell CopyObject from PutObject. */
  readonly requiredQuery: readonly string[]
  readonly requiredHeaders: readonly string[]
}

type Segment = { readonly literal: string } | { readonly label: string; readonly greedy: boolean }

const tables = new WeakMap<ServiceModel, Map<string, Route[]>>()

/** The operation and its path labels; `allowed` narrows the choice. A broken percent escape matches nothing. */
export function findRoute(
  model: ServiceModel,
  asked: Asked,
  allowed: (operation: OperationModel) => boolean = () => true,
): { operation: OperationModel; labels: Labels } | undefined {
  let table = tables.get(model)
  if (!table) {
    table = makeTable(model)
    tables.set(model, table)
  }
  let best: { operation: OperationModel; labels: Labels; score: number } | undefined
  for (const route of table.get(asked.method) ?? []) {
    if (!allowed(route.operation)) continue
    const score = scoreOf(route, asked)
    if (score === undefined || (best && score <= best.score)) continue
    const labels = matchPath(route.segments, asked.segments)
    if (labels) best = { operation: route.operation, labels, score }
  }
  return best
}

function makeTable(model: ServiceModel): Map<string, Route[]> {
  const table = new Map<string, Route[]>()
  for (const name of model.operationNames) {
    const operation = model.operation(name)
    if (!operation?.http) continue
    const route = makeRoute(operation, operation.http)
    const routes = table.get(operation.http.method)
    if (routes) routes.push(route)
    else table.set(operation.http.method, [route])
  }
  return table
}

function makeRoute(operation: OperationModel, http: NonNullable<OperationModel['http']>): Route {
  const [path = '/', query = ''] = http.uri.split('?')
  const required = new Set(http.required)
  const members = operation.input.members.filter(member => required.has(member.name))
  return {
    operation,
    segments: path
      .split('/')
      .slice(1)
      .map(part => {
        const label = /^\{([^+}]+)(\+?)\}$/.exec(part)
        return label ? { label: label[1]!, greedy: label[2] === '+' } : { literal: part }
      }),
    query: query
      .split('&')
      .filter(part => part !== '')
      .map(part => {
        const [name = '', value] = part.split('=')
        return [name, value] as const
      }),
    requiredQuery: members.flatMap(({ traits }) => (traits.httpQuery === undefined ? [] : [traits.httpQuery])),
    requiredHeaders: members.flatMap(({ traits }) =>
      traits.httpHeader === undefined ? [] : [traits.httpHeader.toLowerCase()],
    ),
  }
}

function matchPath(template: readonly Segment[], segments: readonly string[]): Labels | undefined {
  const last = template.at(-1)
  const greedy = last !== undefined && 'label' in last && last.greedy
  if (greedy ? segments.length < template.length : segments.length !== template.length) return undefined
  const labels: Record<string, string> = {}
  for (const [at, part] of template.entries()) {
    if ('literal' in part) {
      if (part.literal !== segments[at]) return undefined
      continue
    }
    const text = decode(part.greedy ? segments.slice(at).join('/') : segments[at]!)
    if (text === undefined || text === '') return undefined
    labels[part.label] = text
  }
  return labels
}

/** Literal query parts decide; then required members that are there, or are missing; then the clients' own `x-id`. */
function scoreOf(route: Route, { query, headers }: Asked): number | undefined {
  let score = 0
  for (const [name, value] of route.query) {
    if (name === 'x-id') {
      if (query.get(name) === value) score += 1 // botocore does not send it
      continue
    }
    if (!query.has(name) || (value !== undefined && query.get(name) !== value)) return undefined
    score += 100
  }
  for (const name of route.requiredQuery) score += query.has(name) ? 10 : -50
  for (const name of route.requiredHeaders) score += headers[name] !== undefined ? 10 : -50
  return score
}

export function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

// The JSON paths of targets: `$`, `$.detail.a`, `$.resources[0]`, `$['detail-type']`.

type Step = string | number

/** The steps of a path; undefined when it is none. */
export function parsePath(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined
  const steps: Step[] = []
  const STEP = /\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]/y
  STEP.lastIndex = 1
  while (STEP.lastIndex < path.length) {
    const found = STEP.exec(path)
    if (!found) return undefined
    const [, dotted, index, single, double] = found
    steps.push(index === undefined ? (dotted ?? single ?? double)! : Number(index))
  }
  return steps
}

/** What is at the path; undefined when there is nothing. */
export function atPath(value: unknown, path: string): unknown {
  return parsePath(path)?.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return undefined
    return (inner as Record<Step, unknown>)[step]
  }, value)
}

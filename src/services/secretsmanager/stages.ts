// Staging labels: at one version at a time, and AWSPREVIOUS follows where AWSCURRENT was. Pure.

export const CURRENT = 'AWSCURRENT'
export const PREVIOUS = 'AWSPREVIOUS'

/** The labels of each version, by its id. */
export type Stages = ReadonlyMap<string, readonly string[]>

export const holderOf = (stages: Stages, stage: string): string | undefined =>
  [...stages].find(([, labels]) => labels.includes(stage))?.[0]

const without = (stages: Stages, label: string): Stages =>
  new Map([...stages].map(([id, labels]) => [id, labels.filter(one => one !== label)]))

/** Takes `label` from wherever it is and gives it to `target`. */
export function moveStage(stages: Stages, label: string, target: string): Stages {
  const before = holderOf(stages, label)
  if (before === target) return stages
  const moved = add(without(stages, label), label, target)
  // AWS: "If you move AWSCURRENT, Secrets Manager automatically moves AWSPREVIOUS to the version that AWSCURRENT was removed from."
  return label === CURRENT && before ? add(without(moved, PREVIOUS), PREVIOUS, before) : moved
}

export const dropStage = (stages: Stages, label: string, from: string): Stages =>
  new Map([...stages].map(([id, labels]) => [id, id === from ? labels.filter(one => one !== label) : labels]))

const add = (stages: Stages, label: string, target: string): Stages =>
  new Map(stages).set(target, [...(stages.get(target) ?? []), label])

// Answers kept until IAM changes. What was asked before a change is not kept after it, even if the answer comes later.

export interface Cache {
  /** The kept answer for `key`, or a new one. Concurrent questions share one answer; failures are not kept. */
  get<T>(key: string, load: () => Promise<T>): Promise<T>
  forget(): void
}

export function createCache(most: number): Cache {
  let kept = new Map<string, Promise<unknown>>()
  return {
    get<T>(key: string, load: () => Promise<T>): Promise<T> {
      const known = kept.get(key)
      if (known) return known as Promise<T>
      const generation = kept
      const answer = load()
      if (generation.size >= most) generation.delete(generation.keys().next().value!)
      generation.set(key, answer)
      answer.catch(() => generation.delete(key))
      return answer
    },
    forget() {
      kept = new Map()
    },
  }
}

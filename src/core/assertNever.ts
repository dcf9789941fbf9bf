/** Ends a switch over a union: a case that was added and not handled does not compile, and fails loudly if it happens. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}

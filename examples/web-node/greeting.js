/** What the service says to `name`, or to everybody. */
export function greeting(name) {
  return `Hello, ${name?.trim() || 'world'}!`
}

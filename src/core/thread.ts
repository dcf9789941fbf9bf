// Threads for what would hold the event loop.

import { Worker } from 'node:worker_threads'

/**
 * A thread that runs `body`, made from its text: it knows nothing outside of itself (`process.getBuiltinModule` has Node's modules), and begins
 * 40 ms earlier than one that has a file to strip of its types. File numbers that it opens are its own business.
 */
export function startThread(body: () => void, workerData?: unknown): Worker {
  return new Worker(`(${body})()`, { eval: true, workerData, trackUnmanagedFds: false })
}

// Other processes, which may have ended already: that is what whoever signals them wanted, or near enough.

/** Whether there is a process of this number, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** To each of these processes that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) send(pid, signal)
}

/** To the process group that `leader` leads, or led, if any of it is still there. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  send(-leader, signal)
}

function send(target: number, signal: NodeJS.Signals): void {
  // 0 and -1 mean other things: the sender's own group, and everybody. What is read from an empty file is 0.
  if (!(Math.abs(target) > 1)) return
  try {
    process.kill(target, signal)
  } catch {
    // It has ended, or its number is another user's by now.
  }
}

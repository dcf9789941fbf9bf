// A person's terminal at a program somewhere else: every key goes there as it is, Ctrl-C included, and the size of the window.

export interface KeyTarget {
  write(bytes: Buffer): void
  resize(size: { readonly columns: number; readonly rows: number }): unknown
  /** Resolves when there is room for more. */
  room?(): Promise<void>
}

const END_OF_INPUT = Buffer.from([4])

/** Until `over` is: what is typed, or comes through a pipe, goes to `target`. The terminal is as before afterwards. */
export async function passKeys<T>(target: KeyTarget, over: Promise<T>): Promise<T> {
  const { stdin, stdout } = process
  const resize = () => void target.resize({ columns: stdout.columns, rows: stdout.rows })
  const typed = (bytes: Buffer) => {
    target.write(bytes)
    if (!target.room) return
    stdin.pause()
    void target.room().then(() => stdin.resume())
  }
  const ended = () => target.write(END_OF_INPUT)
  if (stdout.isTTY) {
    resize()
    stdout.on('resize', resize)
  }
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.on('data', typed).once('end', ended).resume() // it was paused by the one before
  try {
    return await over
  } finally {
    stdin.off('data', typed).off('end', ended).pause()
    if (stdin.isTTY) stdin.setRawMode(false)
    stdout.off('resize', resize)
  }
}

/** The window's size, or what terminals had for decades. */
export const windowSize = () => ({ columns: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 })

// The line that a command has begun and not ended: logs keep whole lines, so a process that takes a build up reads it again from its start.

/** Longer lines are kept in pieces, ended or not. */
export const LONG_LINE = 200_000

/** How many bytes of an unfinished line there are behind `bytes`, when there were `before` in front of them. */
export function openAfter(before: number, bytes: Buffer): number {
  const newline = bytes.lastIndexOf(10)
  return newline < 0 ? before + bytes.length : bytes.length - newline - 1
}

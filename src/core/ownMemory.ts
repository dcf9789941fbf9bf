// Memory of large streams that is given back as soon as it was worked on. The collector would find it later, and go over the whole heap of a
// server for every 64 MB of it: up to a fifth of the processors' time while the cache of a build was restored.

const last = new WeakSet<Uint8Array>()

/** Says that memory belongs to a stream alone and that `piece` is the last of it: what comes later in the stream has other memory. */
export function ownMemory<T extends Uint8Array>(piece: T): T {
  last.add(piece)
  return piece
}

/** Frees the memory of a piece that `ownMemory` was said of; nothing may look at it any more, nor at what came before it in the stream. */
export function giveBack(piece: Uint8Array): void {
  if (last.delete(piece) && piece.buffer instanceof ArrayBuffer) piece.buffer.transfer(0)
}

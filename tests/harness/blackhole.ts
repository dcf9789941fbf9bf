// A network between a client and a server of this machine that can be cut: nothing passes any more, and nobody is told.

import type { AddressInfo } from 'node:net'
import { createServer, connect as dial, type Socket } from 'node:net'

export interface Network {
  readonly port: number
  /** From now on bytes are swallowed, in both directions and on new connections; the server sees its connections end, as by keepalives. */
  cut(): void
  /** New connections pass; the old ones stay dead. */
  mend(): void
  close(): Promise<void>
}

export async function openNetwork(port: number): Promise<Network> {
  const sockets = new Set<Socket>()
  const servers = new Set<Socket>()
  let dead = false
  const door = createServer(client => {
    sockets.add(client)
    client.on('error', () => {}).on('close', () => sockets.delete(client))
    if (dead) return void client.resume()
    const server = dial(port, '127.0.0.1')
    servers.add(server)
    server.on('error', () => {}).on('close', () => servers.delete(server))
    client.pipe(server)
    server.pipe(client)
    client.on('close', () => server.destroy())
    server.on('end', () => dead || client.destroy())
  })
  await new Promise<void>(listening => door.listen(0, '127.0.0.1', listening))
  return {
    port: (door.address() as AddressInfo).port,
    cut() {
      dead = true
      for (const client of sockets) client.unpipe().resume()
      for (const server of servers) server.unpipe().destroy()
    },
    mend() {
      dead = false
    },
    async close() {
      for (const socket of [...sockets, ...servers]) socket.destroy()
      await new Promise(closed => door.close(closed))
    },
  }
}

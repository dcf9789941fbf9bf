// What the client hears while and after its push: side bands where it knows them, plain packets where not.

import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { FLUSH, MOST_PAYLOAD, packet, sideBand } from './pktLine.ts'
import type { PushRequest } from './pushRequest.ts'
import type { CommandResult } from './references.ts'

export interface Reply {
  /** Shown to the person as `remote: ...`, where the client can. */
  say(text: string | Uint8Array): void
  /** Keeps proxies and clients from giving up while git works. */
  keepAlive(): void
  report(unpack: string, results: readonly CommandResult[]): Promise<void>
}

export function replyTo({ capabilities }: PushRequest, output: Writable): Reply {
  const banded = capabilities.has('side-band-64k')
  const write = async (bytes: Buffer) => {
    if (!output.destroyed && !output.write(bytes)) await Promise.race([once(output, 'drain'), once(output, 'close')])
  }
  return {
    say(text) {
      if (banded && !output.destroyed) output.write(sideBand(2, text))
    },
    keepAlive() {
      if (banded && !output.destroyed) output.write(packet(Buffer.from([1])))
    },
    async report(unpack, results) {
      if (!capabilities.has('report-status') && !capabilities.has('report-status-v2')) {
        if (banded) await write(FLUSH)
        return
      }
      const report = Buffer.concat([
        packet(`unpack ${unpack}\n`),
        ...results.map(result => packet(line(result))),
        FLUSH,
      ])
      await write(banded ? Buffer.concat([sideBand(1, report), FLUSH]) : report)
    },
  }
}

function line(result: CommandResult): string {
  if (result.status === 'ok') return `ok ${result.name}\n`
  return `ng ${result.name} ${result.reason.replaceAll('\n', ' ')}`.slice(0, MOST_PAYLOAD - 1).concat('\n')
}

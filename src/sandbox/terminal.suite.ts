// What a terminal must do in every kind of sandbox that has one.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { within } from '../core/bounded.ts'
import type { Command, Sandbox } from './sandbox.ts'
import type { Terminal } from './terminal.ts'

export interface TerminalSubject {
  create(): Promise<Sandbox>
  /** How many processes of this machine have `argument` among their arguments. */
  processes(argument: string): number
}

/** Shows what comes out of a terminal, and waits for it. */
export function screenOf(terminal: Pick<Terminal, 'output'>) {
  let seen = ''
  let wake = () => {}
  terminal.output.on('data', chunk => {
    seen += chunk.toString()
    wake()
  })
  terminal.output.on('close', () => wake())
  return {
    seen: () => seen,
    async until(mark: RegExp) {
      const found = async () => {
        while (!mark.test(seen)) {
          if (terminal.output.destroyed) throw new Error(`it ended before ${mark}: ${JSON.stringify(seen)}`)
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
      }
      await within(12_000, `no ${mark}`, found()).catch(error => {
        throw new Error(`${error.message} in ${JSON.stringify(seen)}`)
      })
    },
  }
}

export function terminalContract(title: string, subject: TerminalSubject) {
  describe(`a terminal in a ${title}`, () => {
    let sandbox: Sandbox
    beforeAll(async () => {
      sandbox = await subject.create()
    })
    afterAll(() => sandbox?.destroy())
    const open = (command: Partial<Command> = {}) =>
      sandbox.terminal!({ argv: ['sh', '-i'], env: { PS1: '> ' }, ...command }, { columns: 101, rows: 31 })

    test('is one to the program, has its size, takes a new one, and ends with the exit code', async () => {
      const terminal = await open()
      const screen = screenOf(terminal)
      expect(terminal.isTerminal).toBe(true)
      terminal.write(Buffer.from('test -t 0 && echo tty-$((20+3))\nstty size\n'))
      await screen.until(/tty-23\r\n[\s\S]*31 101\r\n/)
      await terminal.resize({ columns: 55, rows: 12 })
      terminal.write(Buffer.from('stty size\n'))
      await screen.until(/12 55\r\n/)
      terminal.write(Buffer.from('exit 7\n'))
      expect(await terminal.result).toEqual({ exitCode: 7 })
      await terminal.close()
    })

    test('passes Ctrl-C on to what runs, and the shell goes on', async () => {
      const terminal = await open()
      const screen = screenOf(terminal)
      terminal.write(Buffer.from('sh -c "echo be\'\'gin; exec sleep 7431"\n'))
      await screen.until(/begin\r\n/)
      terminal.write(Buffer.from([3]))
      // What is typed before the prompt goes with the interrupt, as on every terminal.
      await screen.until(/\^C\s*> /)
      terminal.write(Buffer.from('echo next-$((1+1))\n'))
      await screen.until(/next-2\r\n/)
      await terminal.close()
    })

    test('that is closed ends what runs in it, and nothing else', async () => {
      const other = await sandbox.run('other', { argv: ['sleep', '7432'] })
      const terminal = await open()
      const screen = screenOf(terminal)
      terminal.write(Buffer.from('echo be""gin; sleep 7433\n'))
      await screen.until(/begin\r\n/)
      await terminal.close()
      await terminal.close()
      await within(10_000, 'the command lives on', gone('7433'))
      expect(subject.processes('7432')).toBeGreaterThan(0)
      await other.kill(0)
    })

    const gone = async (argument: string) => {
      while (subject.processes(argument) > 0) await new Promise(resolve => setTimeout(resolve, 50))
    }
  })
}

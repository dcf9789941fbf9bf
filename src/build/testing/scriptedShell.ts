// A shell for scripted sandboxes: it walks the scripts that a build was compiled to and asks a test what each command does, so that the
// engine is tested with thousands of builds, and with crashes between any two bytes, without one process.

import { setTimeout as delay } from 'node:timers/promises'
import type { ScriptedAnswer, ScriptedStage } from '../../sandbox/scripted/scriptedProvider.ts'

export interface ScriptedCommand {
  readonly text: string
  /** CODEBUILD_BUILD_SUCCEEDING */
  readonly succeeding: boolean
}

export interface ScriptedOutcome {
  readonly output?: string
  readonly exitCode?: number
}

/** Of the script: where the next step is when all is well, and when not. */
type Block =
  | { readonly kind: 'enter'; readonly phase: string; readonly next: string }
  | { readonly kind: 'command'; readonly file: string; readonly next: string; readonly onError: string }
  | { readonly kind: 'leave'; readonly phase: string; readonly words: readonly string[] }

/** The answers of a scripted sandbox in which builds run; `outcome` says what a command does, `pause` how long it takes. */
export function scriptedShell(
  outcome: (command: ScriptedCommand) => ScriptedOutcome,
  pause: () => Promise<unknown> = async () => {},
): ScriptedAnswer[] {
  return [
    {
      match: /^\/bin\/sh \S+\/drive\.sh$/,
      act: async stage => await walk(stage, stage.command.argv[1]!.replace(/\/drive\.sh$/, ''), outcome, pause),
    },
    {
      match: command => command.argv[4]?.endsWith('/answer') === true,
      async act({ command, files }) {
        files.write(command.argv[4]!, command.argv[5]!)
        return 0
      },
    },
  ]
}

async function walk(
  { files, write }: ScriptedStage,
  directory: string,
  outcome: (command: ScriptedCommand) => ScriptedOutcome,
  pause: () => Promise<unknown>,
): Promise<number> {
  const script = files.read(`${directory}/inner.sh`)!
  const nonce = /\\036(\w+) /.exec(script)![1]!
  const blocks = blocksOf(script)
  const end = /__cy_at=(\d+)\n__cy_note done/.exec(script)![1]!
  const say = (...words: string[]) => write(`\x1e${nonce} ${words.join(' ')}\n`)
  let at = /^at=(\d+)/m.exec(files.read(`${directory}/drive.sh`)!)![1]!
  let failed = false
  let good = true
  let goodBefore = true
  let retries = 0
  while (at !== end) {
    const block = blocks.get(at)
    if (!block) throw new Error(`the script has no step ${at}`)
    await pause()
    if (block.kind === 'enter') {
      failed = false
      goodBefore = good
      say('enter', block.phase)
      at = block.next
    } else if (block.kind === 'command') {
      say('begin', at)
      const text = files.read(block.file)!.replace(/\n$/, '')
      const { output = '', exitCode = 0 } = outcome({ text, succeeding: good })
      write(output)
      say('end', at, String(exitCode))
      if (exitCode !== 0) {
        failed = true
        good = false
      }
      at = exitCode === 0 ? block.next : block.onError
    } else {
      const [onSuccess, onFailure, count, enter, ask] = block.words as [string, string, string, string, string]
      if (failed && retries < Number(count)) {
        if (ask === 'ask') say('ask', block.phase, String(retries))
        if (ask !== 'ask' || (await answered({ files, path: `${directory}/answer` })) === 'retry') {
          retries++
          good = goodBefore
          at = enter
          say('retry', block.phase, String(retries))
          continue
        }
      }
      retries = 0
      say('leave', block.phase, failed ? '1' : '0')
      at = failed ? onFailure : onSuccess
    }
  }
  for (const [, kind, name] of script.matchAll(/^__cy_say (var|name) (\S+);/gm)) {
    say(kind!, name!)
    write(`value of ${name}`)
    say(`end${kind}`)
  }
  say('done')
  return 0
}

function blocksOf(script: string): Map<string, Block> {
  const blocks = new Map<string, Block>()
  for (const [, at, phase, next] of script.matchAll(/^if __cy_is (\d+); then __cy_enter (\w+) \S+ (\d+); fi$/gm)) {
    blocks.set(at!, { kind: 'enter', phase: phase!, next: next! })
  }
  const commands = /^if __cy_fresh (\d+); then\n(?:.*\n)*?.*?(\S+\.sh)\b.*\n(?:.*\n)*?__cy_end (\d+) (\d+)$/gm
  for (const [, at, file, next, onError] of script.matchAll(commands)) {
    blocks.set(at!, { kind: 'command', file: file!, next: next!, onError: onError! })
  }
  for (const [, at, phase, words] of script.matchAll(/^if __cy_is (\d+); then __cy_leave (\w+) (.*); fi$/gm)) {
    blocks.set(at!, { kind: 'leave', phase: phase!, words: words!.replaceAll("'", '').split(' ') })
  }
  return blocks
}

/** What the engine says to `ask`; it is taken away, as from a pipe. */
async function answered({ files, path }: { files: ScriptedStage['files']; path: string }): Promise<string> {
  for (let attempt = 0; attempt < 2000; attempt++) {
    const answer = files.read(path)
    if (answer !== undefined && answer !== '') {
      files.write(path, '')
      return answer
    }
    await delay(attempt < 10 ? 0 : 5)
  }
  throw new Error('nobody answers')
}

// How the scripted sandbox answers the commands of the contract suite, and an example of what a script can do.

import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from '../sandbox.ts'
import type { ScriptedAnswer, ScriptedStage } from './scriptedProvider.ts'

const is = (part: string) => (command: Command) => command.argv[2]?.includes(part) === true
const never = () => new Promise(() => {})

async function appears({ files, cwd }: ScriptedStage, name: string) {
  while (files.read(`${cwd}/${name}`) === undefined) await delay(5)
}

export function contractAnswers(): ScriptedAnswer[] {
  return [
    { match: is('printf three; exit 7'), output: ['one\n', 'two\n', 'three'], exitCode: 7 },
    { match: is('pwd; ls -A'), output: ({ cwd }) => `${cwd}\n` },
    { match: is('abc\\r'), output: [Buffer.from('\x00\xff\x1e\x1eabc\r\n\x1e', 'latin1')] },
    { match: is('echo "$1 $WORD"'), output: ({ command, env }) => `${command.argv[4]} ${env.WORD}\n` },
    { match: is('$FROM_SPEC'), output: ({ env }) => `${env.FROM_SPEC} ${env.BOTH} ${env.OWN}\n` },
    { match: is('$BIG'), output: ({ env }) => `${env.BIG?.length}\n` },
    { match: ['sh', '-c', 'env', 'sh'], output: ({ env }) => JSON.stringify(env) },
    { match: ({ cwd }) => cwd === '/no/such/directory', exitCode: 126 },
    { match: ['sh', '-c', 'pwd', 'sh'], output: ({ cwd }) => `${cwd}\n` },
    { match: is('kill -KILL $$'), exitCode: 137 },
    { match: is('tee /dev/stderr'), output: ['first\nsecond\nsecond\nthird\n'] },
    {
      match: is('go-stream'),
      async act(stage) {
        stage.write('first\n')
        await appears(stage, 'go-stream')
        stage.write('second\n')
        return 0
      },
    },
    {
      match: is('until [ -e from-other'),
      async act(stage) {
        await appears(stage, 'from-other')
        stage.write('seen\n')
        return 0
      },
    },
    {
      match: is('>from-other'),
      async act({ files, cwd, write }) {
        files.write(`${cwd}/from-other`, 'x')
        write('made\n')
        return 0
      },
    },
    {
      match: is('exit 3'),
      async act({ write, terminated }) {
        write('ready\n')
        await terminated
        write('bye\n')
        return 3
      },
    },
    { match: is("trap '' TERM"), output: ['ready\n'], until: never, ignoresTerm: true },
    { match: is('sleep 7392'), output: ['done\n'] },
    { match: is('sleep 7393'), output: ['started\n'] },
    {
      match: is('counted'),
      async act({ files, cwd, write }) {
        files.write(`${cwd}/counted`, 'again\n')
        write('again\n')
        return 0
      },
    },
    {
      match: is('go-attach'),
      async act(stage) {
        stage.write('0123456789\n')
        await appears(stage, 'go-attach')
        stage.write('end\n')
        return 5
      },
    },
    { match: is('echo up'), output: ['up\n'], until: never },
    { match: is('head -c 3000000'), output: [Buffer.alloc(3_000_000)], exitCode: 4 },
  ]
}

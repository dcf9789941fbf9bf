import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { sandboxContract } from '../contract.suite.ts'
import { contractAnswers } from './contractAnswers.ts'
import { createScriptedProvider, createScriptedWorld } from './scriptedProvider.ts'

const world = createScriptedWorld()

sandboxContract('scripted', {
  provider: async () => createScriptedProvider({ answers: contractAnswers(), world }),
  user: { skip: 'a script has no users' },
})

test('a scripted sandbox says which command its script lacks, and remembers what was run', async () => {
  const provider = createScriptedProvider({ answers: [{ match: /^npm /, output: ['ok\n'] }] })
  const sandbox = await provider.create({ name: 'one', labels: {} })
  const known = await sandbox.run('a', { argv: ['npm', 'test'] })
  const unknown = await sandbox.run('b', { argv: ['make'] })
  expect(await text(known.output)).toBe('ok\n')
  expect(await text(unknown.output)).toContain('not in the script: make')
  expect((await unknown.result).exitCode).toBe(127)
  expect(provider.records).toEqual([
    { sandbox: 'one', id: 'a', command: { argv: ['npm', 'test'] } },
    { sandbox: 'one', id: 'b', command: { argv: ['make'] } },
  ])
})

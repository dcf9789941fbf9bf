import { expect, test } from 'vitest'
import { reap } from './reap.ts'
import { createScriptedProvider } from './scripted/scriptedProvider.ts'

test('reaping removes what carries our labels and is not alive, and goes on when one resists', async () => {
  const provider = createScriptedProvider({ answers: [] })
  const mine = { server: 'a' }
  for (const name of ['live', 'dead', 'stuck']) await provider.create({ name, labels: mine })
  await provider.create({ name: 'foreign', labels: { server: 'b' } })
  const stubborn = {
    ...provider,
    attach: async (name: string) => {
      if (name === 'stuck') throw new Error('busy')
      return await provider.attach(name)
    },
  }
  const { removed, failed } = await reap(stubborn, mine, name => name === 'live')
  expect(removed).toEqual(['dead'])
  expect(failed).toMatchObject([{ name: 'stuck', error: { message: 'busy' } }])
  expect([...(await provider.list({}))].sort()).toEqual(['foreign', 'live', 'stuck'])
})

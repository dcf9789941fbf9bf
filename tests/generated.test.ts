// The generated documents say what is.

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { deviationsMarkdown } from '../scripts/deviations.ts'
import { coverage, coverageMarkdown } from '../src/coverage.ts'
import { loadModel, type ModelName } from '../src/model/index.ts'

const committed = (name: string) => readFile(new URL(`../${name}`, import.meta.url), 'utf8')

test('COVERAGE.md is what `codeyard coverage` prints', async () => {
  expect(await committed('COVERAGE.md'), 'renew it: ./codeyard coverage > COVERAGE.md').toBe(coverageMarkdown())
})

test('DEVIATIONS.md is what the comments in the code say', async () => {
  expect(await committed('DEVIATIONS.md'), 'renew it: node scripts/deviations.ts > DEVIATIONS.md').toBe(
    deviationsMarkdown(),
  )
})

test('every operation of every model in the house is in the table', async () => {
  for (const [service, operations] of Object.entries(coverage())) {
    const model = await loadModel(service as ModelName)
    const missing = model.operationNames.filter(name => operations[name] === undefined)
    expect(missing, `${service} leaves out`).toEqual([])
  }
})

test('nothing that is not supported is without a reason', () => {
  for (const operations of Object.values(coverage())) {
    for (const [name, how] of Object.entries(operations)) expect(how.length, name).toBeGreaterThan(8)
  }
})

// Every operation of CodeBuild through botocore, its answers read byte for byte against botocore's own model.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeProvider, openFakeProvider } from '../../src/services/codebuild/providers/testing/fakeProvider.ts'
import { findPythons, runPython, unexpectedErrors } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const pythons = await findPythons()
const program = fileURLToPath(new URL('codebuildShapes.py', import.meta.url))

describe.each(pythons)('$name', { timeout: 180_000 }, python => {
  let yard: Yard
  let provider: FakeProvider
  beforeAll(async () => {
    provider = await openFakeProvider()
    yard = await openYard({ args: ['--sandbox', 'host'] })
    await writeFile(join(yard.dataDir, 'providers.json'), JSON.stringify(provider.table()))
    const Version = '2012-10-17'
    const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const AssumeRolePolicyDocument = JSON.stringify({ Version, Statement: [trust] })
    await yard.clients.iam.createRole({ RoleName: 'all', AssumeRolePolicyDocument })
    const all = { Effect: 'Allow', Action: '*', Resource: '*' }
    const PolicyDocument = JSON.stringify({ Version, Statement: [all] })
    await yard.clients.iam.putRolePolicy({ RoleName: 'all', PolicyName: 'p', PolicyDocument })
    provider.commit('ada/private-app', { 'buildspec.yml': 'version: 0.2\n' })
  }, 90_000)
  afterAll(async () => {
    const errors = yard ? unexpectedErrors(yard) : []
    await yard?.close()
    await provider?.close()
    expect(errors).toEqual([])
  })

  test('answers have the members, types and values of the model', async () => {
    const run = `exec(compile(open(${JSON.stringify(program)}).read(), 'codebuildShapes.py', 'exec'))`
    const args = ['arn:aws:iam::000000000000:role/all', provider.token, 'https://github.com/ada/private-app.git']
    const { problems, missing } = JSON.parse(await runPython(python, yard, run, args))
    expect(problems).toEqual([])
    expect(missing).toEqual([])
  })
})

// The pipe itself; that what goes through it means the same as otherwise is in the contract.

import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tarOf } from '../contract.suite.ts'
import { rewriteArchive, transientPieces } from '../rewriteArchive.ts'
import type { Sandbox } from '../sandbox.ts'
import { dockerForTests, ensureBusyboxImage, ensureDebianImage } from '../testImages.ts'
import { createDockerProvider } from './dockerProvider.ts'
import { packByPipe, unpackByPipe } from './tarPipe.ts'

const engine = await dockerForTests()
const LARGE = 'x'.repeat(300_000)
const entries = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`there/file-${at}`, `${at}${LARGE}`]))

describe.skipIf(typeof engine === 'string')(
  `with a Docker Engine${typeof engine === 'string' ? ` (${engine})` : ''}`,
  () => {
    if (typeof engine === 'string') return
    const { docker } = engine
    let count = 0
    async function open(image: string) {
      const name = `tar-pipe-${process.pid}-${count++}`
      const sandbox = await createDockerProvider().create({ name, image, labels: { 'codeyard.test': 'tar-pipe' } })
      onTestFinished(() => sandbox.destroy())
      return { sandbox, container: docker.getContainer(`codeyard-${name}`) }
    }
    const debian = async () => await open(await ensureDebianImage(engine))
    const archive = () => transientPieces(rewriteArchive(tarOf(entries), entry => entry))
    async function sh(sandbox: Sandbox, script: string) {
      const run = await sandbox.run(`r-${count++}`, { argv: ['sh', '-c', script] })
      return (await text(run.output)).trim()
    }
    const TARS =
      'for p in /proc/[0-9]*; do read -r n <$p/comm && [ "$n" = tar ] && echo ${p#/proc/}; done 2>/dev/null; true'
    const tars = (sandbox: Sandbox) => sh(sandbox, TARS)
    async function noTarIsLeft(sandbox: Sandbox) {
      for (let tries = 0; tries < 50 && (await tars(sandbox)) !== ''; tries++) await delay(100)
      expect(await tars(sandbox)).toBe('')
    }

    test('takes and gives what an archive holds', async () => {
      const { sandbox, container } = await debian()
      expect(await unpackByPipe(container, archive)).toBe(true)
      expect(await sh(sandbox, 'cat /there/file-7 | wc -c; ls /there | wc -l; stat -c %u:%g /there/file-7')).toBe(
        `${LARGE.length + 1}\n40\n0:0`,
      )
      const packed = (await packByPipe(container, '/there'))!
      const names: string[] = []
      const seen = rewriteArchive(packed.pieces, entry => {
        names.push(entry.name)
        return entry
      })
      let bytes = 0
      for await (const piece of seen) bytes += piece.length
      expect(names.filter(name => name !== '')).toHaveLength(40)
      expect(bytes).toBeGreaterThan(40 * LARGE.length)
      await noTarIsLeft(sandbox)
    })

    test('is not where the image has no GNU tar, and nothing was asked of the archive then', async () => {
      const { container } = await open(await ensureBusyboxImage(engine))
      let asked = false
      const none = async function* () {
        asked = true
        yield new Uint8Array(512)
      }
      expect(await unpackByPipe(container, none)).toBe(false)
      expect(asked).toBe(false)
      expect(await packByPipe(container, '/bin')).toBeUndefined()
    })

    test('whoever stops reading ends the tar', async () => {
      const { sandbox, container } = await debian()
      expect(await unpackByPipe(container, archive)).toBe(true)
      const packed = (await packByPipe(container, '/there'))!
      for await (const piece of packed.pieces) {
        expect(piece.length).toBeGreaterThan(0)
        break
      }
      await noTarIsLeft(sandbox)
      ;(await packByPipe(container, '/there'))!.close()
      await noTarIsLeft(sandbox)
    })

    test('an archive that fails is told, and ends the tar', async () => {
      const { sandbox, container } = await debian()
      const whole = await buffer(tarOf(entries))
      const failing = async function* () {
        yield whole.subarray(0, whole.length / 2)
        throw new Error('the line went dead')
      }
      await expect(unpackByPipe(container, failing)).rejects.toThrow('the line went dead')
      await noTarIsLeft(sandbox)
    })

    test('a tar that is killed is told, and nobody waits for it', async () => {
      const { sandbox, container } = await debian()
      const whole = await buffer(tarOf(entries))
      const killing = async function* () {
        yield whole.subarray(0, whole.length / 2)
        await sh(sandbox, `kill -9 $(${TARS})`)
        yield whole.subarray(whole.length / 2)
      }
      await expect(unpackByPipe(container, killing)).rejects.toThrow()
      await noTarIsLeft(sandbox)
    })

    test("what tar can not do is told in tar's words", async () => {
      const { sandbox, container } = await debian()
      const elsewhere = () => transientPieces(rewriteArchive(tarOf({ 'proc/none/file': LARGE }), entry => entry))
      await expect(unpackByPipe(container, elsewhere)).rejects.toThrow(/tar: proc\/none.*: Cannot/)
      const read = async () => {
        for await (const _ of (await packByPipe(container, '/not-there'))!.pieces);
      }
      await expect(read()).rejects.toThrow(/tar: \/not-there: Cannot open: No such file/)
      await noTarIsLeft(sandbox)
    })
  },
)

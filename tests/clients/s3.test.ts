// Objects with real aws command lines: the high-level commands and the API's.

import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, findClis, openCli, until } from '../clients.ts'
import { clientsYard } from '../harness/clientsYard.ts'
import type { Yard } from '../harness/yard.ts'

const clis = await findClis()
const MB = 1024 * 1024

let yard: Yard
clientsYard(opened => {
  yard = opened
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const bucket = `objects-${program.slug}`
  const at = (name: string) => join(aws.home, name)
  beforeAll(async () => {
    aws = await openCli(program, yard)
    await writeFile(at('hello.txt'), 'hello')
  })
  afterAll(() => aws?.close())

  test('mb, cp, ls, sync, mv, presign, rm and rb', async () => {
    const b = `files-${program.slug}`
    expect(await aws`s3 mb s3://${b}`).toBe(`make_bucket: ${b}`)
    const large = randomBytes(20 * MB) // goes in parts, comes in ranges
    await writeFile(at('large.bin'), large)
    await aws`s3 cp large.bin s3://${b}/dir/large.bin --no-progress`
    expect(await aws`s3 cp hello.txt ${`s3://${b}/dir/a b&ü.txt`} --no-progress`).toContain('upload: ./hello.txt to')
    expect(await aws`s3 ls s3://${b}`).toContain('PRE dir/')
    expect(await aws`s3 ls s3://${b} --recursive --summarize`).toMatch(
      /20971520 dir\/large\.bin[\s\S]*Total Objects: 2/,
    )
    await aws`s3 cp s3://${b}/dir/large.bin s3://${b}/copy.bin --no-progress`
    await aws`s3 sync s3://${b} down --no-progress`
    expect((await readFile(at('down/copy.bin'))).equals(large)).toBe(true)
    expect(await aws`s3 sync down s3://${b} --no-progress`).toBe('')
    await writeFile(at('down/new.txt'), 'new')
    expect(await aws`s3 sync down s3://${b} --delete --no-progress`).toBe(`upload: down/new.txt to s3://${b}/new.txt`)
    await aws`s3 mv s3://${b}/new.txt s3://${b}/moved.txt`
    expect(await aws`s3 cp s3://${b}/moved.txt -`).toBe('new')
    const link = await aws`s3 presign s3://${b}/moved.txt --expires-in 60`
    const answer = await fetch(link)
    expect([answer.status, await answer.text()]).toEqual([200, 'new'])
    await expect(aws`s3 rb s3://${b}`).rejects.toThrow(
      `An error occurred (BucketNotEmpty) when calling the DeleteBucket operation: The bucket you tried to delete is not empty`,
    )
    await aws`s3 rm s3://${b}/moved.txt`
    expect(await aws`s3 rb s3://${b} --force`).toContain(`remove_bucket: ${b}`)
    await expect(aws`s3 ls s3://${b}`).rejects.toThrow(
      'An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist',
    )
  })

  test('versions are kept, listed, fetched, and a delete marker can be taken away', async () => {
    await aws`s3api create-bucket --bucket ${bucket}`
    expect(await aws`s3api get-bucket-versioning --bucket ${bucket}`).toBe('')
    await aws`s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`
    const first =
      await aws`s3api put-object --bucket ${bucket} --key k --body hello.txt --metadata a=b --content-type text/x-hello`
    await writeFile(at('second.txt'), 'second')
    const second = await aws`s3api put-object --bucket ${bucket} --key k --body second.txt`
    expect(first.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
    const { Versions } = await aws`s3api list-object-versions --bucket ${bucket}`
    expect(Versions.map((version: any) => [version.VersionId, version.IsLatest])).toEqual([
      [second.VersionId, true],
      [first.VersionId, false],
    ])
    expect(await aws`s3api get-object --bucket ${bucket} --key k --version-id ${first.VersionId} out`).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/x-hello',
      Metadata: { a: 'b' },
    })
    const marker = await aws`s3api delete-object --bucket ${bucket} --key k`
    expect(marker).toMatchObject({ DeleteMarker: true })
    await expect(aws`s3api get-object --bucket ${bucket} --key k out`).rejects.toThrow(
      'An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.',
    )
    await expect(aws`s3api head-object --bucket ${bucket} --key k`).rejects.toThrow(
      'An error occurred (404) when calling the HeadObject operation: Not Found',
    )
    await aws`s3api delete-object --bucket ${bucket} --key k --version-id ${marker.VersionId}`
    expect(await aws`s3api head-object --bucket ${bucket} --key k`).toMatchObject({ VersionId: second.VersionId })
    await expect(aws`s3api get-object --bucket ${bucket} --key k --version-id no-such-version out`).rejects.toThrow(
      'An error occurred (InvalidArgument) when calling the GetObject operation: Invalid version id specified',
    )
  })

  test('ranges, conditions, copies and tags', async () => {
    await aws`s3api put-object --bucket ${bucket} --key r --body hello.txt --tagging x=1`
    expect(await aws`s3api get-object --bucket ${bucket} --key r --range bytes=1-2 part`).toMatchObject({
      ContentRange: 'bytes 1-2/5',
      ContentLength: 2,
    })
    expect(await readFile(at('part'), 'utf8')).toBe('el')
    await expect(aws`s3api get-object --bucket ${bucket} --key r --range bytes=9-10 part`).rejects.toThrow(
      'An error occurred (InvalidRange) when calling the GetObject operation: The requested range is not satisfiable',
    )
    const { ETag } = await aws`s3api head-object --bucket ${bucket} --key r`
    await expect(aws`s3api get-object --bucket ${bucket} --key r --if-none-match ${ETag} part`).rejects.toThrow('(304)')
    await expect(aws`s3api get-object --bucket ${bucket} --key r --if-match ${'"other"'} part`).rejects.toThrow(
      'An error occurred (PreconditionFailed) when calling the GetObject operation: At least one of the pre-conditions you specified did not hold',
    )
    const copied =
      await aws`s3api copy-object --bucket ${bucket} --key c --copy-source ${bucket}/r --metadata-directive REPLACE --metadata z=1`
    expect(copied.CopyObjectResult.ETag).toBe(ETag)
    expect((await aws`s3api head-object --bucket ${bucket} --key c`).Metadata).toEqual({ z: '1' })
    expect((await aws`s3api get-object-tagging --bucket ${bucket} --key c`).TagSet).toEqual([{ Key: 'x', Value: '1' }])
    await aws`s3api put-object-tagging --bucket ${bucket} --key c --tagging ${{ TagSet: [{ Key: 'y', Value: '2' }] }}`
    expect((await aws`s3api get-object-tagging --bucket ${bucket} --key c`).TagSet).toEqual([{ Key: 'y', Value: '2' }])
    await aws`s3api delete-object-tagging --bucket ${bucket} --key c`
    expect((await aws`s3api get-object-tagging --bucket ${bucket} --key c`).TagSet).toEqual([])
  })

  test('a multipart upload by hand: parts are listed, assembled, or thrown away', async () => {
    const part = randomBytes(5 * MB)
    await writeFile(at('part.bin'), part)
    const { UploadId } = await aws`s3api create-multipart-upload --bucket ${bucket} --key m`
    const upload = ['--bucket', bucket, '--key', 'm', '--upload-id', UploadId]
    const one = await aws`s3api upload-part ${upload} --part-number 1 --body part.bin`
    const two = await aws`s3api upload-part ${upload} --part-number 2 --body hello.txt`
    expect((await aws`s3api list-parts ${upload}`).Parts).toMatchObject([
      { PartNumber: 1, Size: 5 * MB },
      { PartNumber: 2, Size: 5 },
    ])
    expect((await aws`s3api list-multipart-uploads --bucket ${bucket}`).Uploads).toMatchObject([{ Key: 'm', UploadId }])
    const parts = (...etags: string[]) => ({ Parts: etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) })
    await expect(
      aws`s3api complete-multipart-upload ${upload} --multipart-upload ${parts(two.ETag, one.ETag)}`,
    ).rejects.toThrow(
      'An error occurred (InvalidPart) when calling the CompleteMultipartUpload operation: One or more of the specified parts could not be found.',
    )
    const done = await aws`s3api complete-multipart-upload ${upload} --multipart-upload ${parts(one.ETag, two.ETag)}`
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/)
    await aws`s3api get-object --bucket ${bucket} --key m whole`
    expect((await readFile(at('whole'))).equals(Buffer.concat([part, Buffer.from('hello')]))).toBe(true)
    const other = await aws`s3api create-multipart-upload --bucket ${bucket} --key n`
    await aws`s3api abort-multipart-upload --bucket ${bucket} --key n --upload-id ${other.UploadId}`
    await expect(aws`s3api list-parts --bucket ${bucket} --key n --upload-id ${other.UploadId}`).rejects.toThrow(
      'An error occurred (NoSuchUpload) when calling the ListParts operation: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    )
  })

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'])('checksum %s is verified, kept and given back', async algorithm => {
    const field = `Checksum${algorithm}`
    const put =
      await aws`s3api put-object --bucket ${bucket} --key sum --body hello.txt --checksum-algorithm ${algorithm}`.catch(
        // Without the CRT library the client itself does not know CRC32C.
        (error: Error) => (/crt/i.test(error.message) ? undefined : Promise.reject(error)),
      )
    if (!put) return
    expect(put[field]).toBeTruthy()
    expect((await aws`s3api head-object --bucket ${bucket} --key sum --checksum-mode ENABLED`)[field]).toBe(put[field])
    expect(
      (await aws`s3api get-object-attributes --bucket ${bucket} --key sum --object-attributes Checksum ObjectSize`)
        .Checksum[field],
    ).toBe(put[field])
  })

  test('a wrong checksum or digest is refused and nothing is kept', async () => {
    await expect(
      aws`s3api put-object --bucket ${bucket} --key bad --body hello.txt --content-md5 AAAAAAAAAAAAAAAAAAAAAA==`,
    ).rejects.toThrow(
      // Newer ones try it again and say so in between.
      /An error occurred \(BadDigest\) when calling the PutObject operation.*: The Content-MD5 you specified did not match what we received\./,
    )
    await expect(aws`s3api head-object --bucket ${bucket} --key bad`).rejects.toThrow('(404)')
  })

  test('a bucket policy opens and closes what it names', async () => {
    const { AccessKey } = await (async () => {
      await aws`iam create-user --user-name ${bucket}`
      return await aws`iam create-access-key --user-name ${bucket}`
    })()
    const his = aws.as(AccessKey)
    await expect(his`s3api get-object --bucket ${bucket} --key r out`).rejects.toThrow(
      `An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:iam::000000000000:user/${bucket} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::${bucket}/r" because no identity-based policy allows the s3:GetObject action`,
    )
    const statement = (Effect: string, Action: string, Resource: string) => ({
      Effect,
      Action,
      Resource,
      Principal: { AWS: `arn:aws:iam::000000000000:user/${bucket}` },
    })
    const policy = {
      Version: '2012-10-17',
      Statement: [
        statement('Allow', 's3:GetObject', `arn:aws:s3:::${bucket}/*`),
        statement('Deny', 's3:GetObject', `arn:aws:s3:::${bucket}/c`),
      ],
    }
    await aws`s3api put-bucket-policy --bucket ${bucket} --policy ${policy}`
    expect(JSON.parse((await aws`s3api get-bucket-policy --bucket ${bucket}`).Policy)).toEqual(policy)
    await his`s3api get-object --bucket ${bucket} --key r out`
    await expect(his`s3api get-object --bucket ${bucket} --key c out`).rejects.toThrow(
      'with an explicit deny in a resource-based policy',
    )
    await aws`s3api delete-bucket-policy --bucket ${bucket}`
    await expect(aws`s3api get-bucket-policy --bucket ${bucket}`).rejects.toThrow(
      'An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist',
    )
  })

  test('a change of an object is an event that rules see', async () => {
    await aws`logs create-log-group --log-group-name /events/${bucket}`
    await aws`s3api put-bucket-notification-configuration --bucket ${bucket} --notification-configuration ${{ EventBridgeConfiguration: {} }}`
    const pattern = {
      source: ['aws.s3'],
      detail: { bucket: { name: [bucket] }, object: { key: [{ prefix: 'seen/' }] } },
    }
    await aws`events put-rule --name ${bucket} --event-pattern ${pattern}`
    await aws`events put-targets --rule ${bucket} --targets Id=1,Arn=arn:aws:logs:us-east-1:000000000000:log-group:/events/${bucket}`
    await aws`s3api put-object --bucket ${bucket} --key unseen/a --body hello.txt`
    await aws`s3api put-object --bucket ${bucket} --key seen/a --body hello.txt`
    await aws`s3api delete-object --bucket ${bucket} --key seen/a`
    const { events } = await until(
      () => aws`logs filter-log-events --log-group-name /events/${bucket}`,
      answer => answer.events.length >= 2,
    )
    const seen = events.map((event: any) => JSON.parse(event.message))
    expect(seen.map((event: any) => event['detail-type']).sort()).toEqual(['Object Created', 'Object Deleted'])
    expect(seen.find((event: any) => event['detail-type'] === 'Object Created').detail).toMatchObject({
      object: { key: 'seen/a', size: 5 },
      reason: 'PutObject',
    })
  })

  test('listings go page by page', async () => {
    await Promise.all(['p/1', 'p/2', 'p/3'].map(key => aws`s3api put-object --bucket ${bucket} --key ${key}`))
    const first = await aws`s3api list-objects-v2 --bucket ${bucket} --prefix p/ --max-items 2`
    expect(first.Contents.map((one: any) => one.Key)).toEqual(['p/1', 'p/2'])
    const rest = await aws`s3api list-objects-v2 --bucket ${bucket} --prefix p/ --starting-token ${first.NextToken}`
    expect(rest.Contents.map((one: any) => one.Key)).toEqual(['p/3'])
    const all = await aws`s3api list-objects --bucket ${bucket} --prefix p/ --page-size 1`
    expect(all.Contents).toHaveLength(3)
    const { Deleted } =
      await aws`s3api delete-objects --bucket ${bucket} --delete ${{ Objects: [{ Key: 'p/1' }, { Key: 'p/2' }] }}`
    expect(Deleted.map((one: any) => one.Key).sort()).toEqual(['p/1', 'p/2'])
  })

  test('a name in use, a wrong name and a missing bucket are told apart', async () => {
    await expect(aws`s3api create-bucket --bucket Not_A_Bucket`).rejects.toThrow('(InvalidBucketName)')
    await expect(aws`s3api head-bucket --bucket nowhere-${program.slug}`).rejects.toThrow(
      'An error occurred (404) when calling the HeadBucket operation: Not Found',
    )
  })
})

// Round trips with Python's botocore, the signer of the aws CLI: real signatures made by it are accepted here, also those for git.

import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { verifyGitPassword } from './gitPassword.ts'
import { verifyRequest } from './verifyRequest.ts'

const SCRIPT = `
import json
from datetime import datetime, timezone
from urllib.parse import urlsplit
from botocore.auth import HmacV1QueryAuth, SigV4Auth, S3SigV4Auth, SigV4QueryAuth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

plain = Credentials('AKIAEXAMPLE', 'topsecret')
session = Credentials('ASIAEXAMPLE', 'topsecret', 'tok/en+==')
out = []
def add(name, auth, service, credentials, request, **more):
    auth(credentials, service, 'eu-west-1', **more).add_auth(request)
    prepared = request.prepare()
    url = urlsplit(prepared.url)
    headers = dict(prepared.headers.items())
    headers = {k: (v.decode() if isinstance(v, bytes) else v) for k, v in headers.items()}
    headers.setdefault('Host', url.netloc)
    body = prepared.body or b''
    out.append(dict(name=name, method=prepared.method, path=url.path, rawQuery=url.query, service=service,
        headers=[x for pair in headers.items() for x in pair], body=body.decode() if isinstance(body, bytes) else body))

R = AWSRequest
add('json', SigV4Auth, 'codecommit', plain, R('POST', 'http://localhost:4566/', {'X-Amz-Target': 'CodeCommit.GetBranch', 'Content-Type': 'application/x-amz-json-1.1'}, '{"a": "\u00fc"}'.encode()))
add('json with token', SigV4Auth, 'codecommit', session, R('POST', 'http://localhost:4566/', {}, b'{}'))
add('rest path', SigV4Auth, 'batch', plain, R('GET', 'http://localhost:4566/v1/a%20b/c:d/x%2Fy?tag=a%20b&tag=2&x='))
add('s3 put', S3SigV4Auth, 's3', plain, R('PUT', 'http://localhost:4566/bucket/a%20b//c%2Bd/\u00fc'.replace('\u00fc', '%C3%BC'), {'x-amz-meta-a': '  b   c '}, b'hello'))
add('s3 get', S3SigV4Auth, 's3', session, R('GET', 'http://bucket.localhost:4566/?list-type=2&prefix=a%2Fb&delimiter=%2F'))
add('s3 presigned', S3SigV4QueryAuth, 's3', plain, R('GET', 'http://localhost:4566/bucket/a%20b.txt?versionId=x%3D'), expires=604800)
add('s3 presigned with token', S3SigV4QueryAuth, 's3', session, R('PUT', 'http://localhost:4566/bucket/k'), expires=60)
def add2(name, credentials, request):
    HmacV1QueryAuth(credentials, expires=60).add_auth(request)
    prepared = request.prepare()
    url = urlsplit(prepared.url)
    out.append(dict(name=name, method=prepared.method, path=url.path, rawQuery=url.query, service='s3', headers=['Host', url.netloc], body=''))
add2('s3 presigned by version 2', plain, R('GET', 'http://localhost:4566/bucket/a%20b.txt?versionId=x%3D&response-content-type=a%2Fb'))
add2('s3 presigned by version 2 with token', session, R('PUT', 'http://localhost:4566/bucket/k%C3%BC', {'Content-Type': 'text/plain', 'x-amz-meta-a': 'b', 'Content-MD5': 'x'}))
add2('s3 presigned by version 2 for a virtual host', plain, R('GET', 'http://bucket.localhost:4566/k?acl', auth_path='/bucket/k'))
add('sts presigned', SigV4QueryAuth, 'sts', plain, R('GET', 'http://localhost:4566/?Action=GetCallerIdentity&Version=2011-06-15'), expires=60)

def git(host, path, region):
    signer = SigV4Auth(plain, 'codecommit', region)
    request = AWSRequest()
    now = datetime.now(timezone.utc)
    request.context['timestamp'] = now.strftime('%Y%m%dT%H%M%S')
    canonical = 'GIT\\n' + path + '\\n\\nhost:' + host + '\\n\\nhost\\n'
    text = signer.string_to_sign(request, canonical)
    return request.context['timestamp'] + 'Z' + signer.signature(text, request)
gits = [dict(host='localhost', region='eu-west-1', password=git('localhost', '/v1/repos/demo', 'eu-west-1')),
        dict(host='git-codecommit.ap-south-1.amazonaws.com', region='ap-south-1', password=git('git-codecommit.ap-south-1.amazonaws.com', '/v1/repos/demo', 'ap-south-1'))]
print(json.dumps(dict(requests=out, gits=gits)))
`

const python = spawnSync('python3', ['-c', SCRIPT], { encoding: 'utf8', timeout: 30_000 })
const missing = python.error || python.status !== 0 ? 'python3 with botocore is needed' : undefined
const signed = missing ? { requests: [], gits: [] } : JSON.parse(python.stdout)
const keys = [
  { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'topsecret', active: true, principal: 'alice' },
  {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'topsecret',
    sessionToken: 'tok/en+==',
    active: true,
    principal: 'bob',
  },
]
const find = async (id: string) => keys.find(key => key.accessKeyId === id)

// Skipped where there is no Python or no botocore: the title says so.
describe.skipIf(missing !== undefined)(`signatures made by botocore${missing ? ` (${missing})` : ''}`, () => {
  test('of requests are accepted', async () => {
    expect(signed.requests.length).toBe(11)
    for (const request of signed.requests) {
      const verified = await verifyRequest({ ...request, body: Buffer.from(request.body), now: new Date() }, find)
      expect(verified, request.name).toMatchObject({
        region: request.name.includes('version 2') ? undefined : 'eu-west-1',
        presigned: request.name.includes('presigned'),
      })
    }
  })
  test('for git are accepted, the region being found by trying', async () => {
    for (const { password, region } of signed.gits) {
      const login = {
        userName: 'AKIAEXAMPLE',
        password,
        path: '/v1/repos/demo',
        host: 'localhost:4566',
        now: new Date(),
      }
      expect(await verifyGitPassword({ ...login, regions: ['us-east-1', region] }, find)).toMatchObject({
        ok: true,
        principal: 'alice',
        region,
      })
      expect(await verifyGitPassword({ ...login, regions: [region], path: '/v1/repos/other' }, find)).toMatchObject({
        ok: false,
      })
      const later = new Date(Date.now() + 16 * 60_000)
      expect(await verifyGitPassword({ ...login, regions: [region], now: later }, find)).toMatchObject({
        ok: false,
        why: expect.stringContaining('more than 15 minutes'),
      })
    }
  })
})

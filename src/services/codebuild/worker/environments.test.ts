// Build environments in Docker: a registry that wants credentials, images by tag and by digest, users, entrypoints, certificates.

import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { CreateProjectCommandInput } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../../core/serviceError.ts'
import { readArchive } from '../../../sandbox/archive.ts'
import { createDockerProvider, type DockerProvider } from '../../../sandbox/docker/dockerProvider.ts'
import { dockerForTests, ensureBusyboxImage } from '../../../sandbox/testImages.ts'
import { anyRole } from '../../../testing/anyRole.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { codebuildWith } from '../index.ts'

const engine = await dockerForTests()
const USER = 'ada'
const PASSWORD = 'open sesame'
const TOKEN = 'token-of-ada'
const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

describe.skipIf(typeof engine === 'string')(
  `build environments${typeof engine === 'string' ? ` (${engine})` : ''}`,
  () => {
    if (typeof engine === 'string') return
    let house: TestHouse
    let stop: () => Promise<void>
    let registry: Awaited<ReturnType<typeof openRegistry>>
    const log: string[] = []
    const objects = new Map<string, string>()
    const secrets: Record<string, string> = {
      good: JSON.stringify({ username: USER, password: PASSWORD }),
      wrong: JSON.stringify({ username: USER, password: 'guess' }),
      broken: 'open sesame',
    }
    const service = codebuildWith({
      sandboxes: () => createDockerProvider(),
      endpointIn: async () => 'http://endpoint.test',
      sweepMs: 100,
    })

    beforeAll(async () => {
      registry = await openRegistry(engine)
      house = await openHouse({
        services: [service],
        answers: {
          'logs.CreateLogStream': async () => ({}),
          'logs.PutLogEvents': async (input: any) => {
            for (const { message } of input.logEvents) log.push(message)
            return {}
          },
          ...anyRole,
          'secretsmanager.GetSecretValue': async ({ SecretId }: any) => {
            if (!(SecretId in secrets))
              throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
            return { SecretString: secrets[SecretId] }
          },
          's3.GetObject': async ({ Bucket, Key }: any) => {
            const text = objects.get(`${Bucket}/${Key}`)
            if (text === undefined) throw new ServiceError('AccessDenied', 'Access Denied')
            return { Body: Readable.from([Buffer.from(text)]), ContentLength: text.length }
          },
        },
        now: '2026-01-01T00:00:00Z',
      })
      stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
    }, 60_000)
    afterAll(async () => {
      await stop?.()
      await house?.close()
      await registry?.close()
    })

    const projectOf = (
      name: string,
      environment: Partial<NonNullable<CreateProjectCommandInput['environment']>>,
      commands: string,
      head = '',
    ) =>
      house.invoke('codebuild', 'CreateProject', {
        name,
        environment: {
          type: 'LINUX_CONTAINER',
          computeType: 'BUILD_GENERAL1_SMALL',
          image: registry.tagged,
          imagePullCredentialsType: 'SERVICE_ROLE',
          ...environment,
        } as NonNullable<CreateProjectCommandInput['environment']>,
        serviceRole: 'arn:aws:iam::000000000000:role/build',
        source: { type: 'NO_SOURCE', buildspec: `version: 0.2\n${head}phases:\n${commands}` },
        artifacts: { type: 'NO_ARTIFACTS' },
      })
    async function build(
      name: string,
      environment: Partial<NonNullable<CreateProjectCommandInput['environment']>>,
      commands = '  build:\n    commands:\n      - "true"\n',
      head = '',
    ) {
      await projectOf(name, environment, commands, head)
      log.length = 0
      const { id } = (await house.invoke('codebuild', 'StartBuild', { projectName: name })).build!
      for (const end = performance.now() + 60_000; performance.now() < end; ) {
        const [found] = (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id!] })).builds!
        if (found!.buildComplete) {
          const text = log.join('')
          const context = found!.phases!.flatMap(({ contexts = [] }) => contexts).find(one => one.statusCode)
          return { status: found!.buildStatus, text, why: `${context?.statusCode}: ${context?.message}` }
        }
        await new Promise(resolve => setTimeout(resolve, 25))
      }
      throw new Error('the build does not end')
    }
    const credential = (name: string) => ({
      registryCredential: { credential: name, credentialProvider: 'SECRETS_MANAGER' as const },
    })

    test.each(['Bearer', 'Basic'] as const)(
      'a registry with %s authentication gives its image for the credentials of the secret, and for no others',
      async scheme => {
        await registry.forget()
        registry.scheme = scheme
        const none = await build(`none-${scheme}`, {})
        expect(none).toMatchObject({ status: 'FAILED', why: expect.stringContaining('BUILD_CONTAINER_UNABLE_TO_PULL') })
        const good = await build(`good-${scheme}`, credential('good'), '  build:\n    commands:\n      - cat /from\n')
        expect(good).toMatchObject({ status: 'SUCCEEDED', text: expect.stringContaining('the registry') })
        // The image is here by now, and is still not for everybody.
        const wrong = await build(`wrong-${scheme}`, credential('wrong'))
        expect(wrong.status).toBe('FAILED')
        expect(wrong.why).toMatch(
          /^BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image\. CannotPullContainerError: .*(unauthorized|denied|no basic auth)/i,
        )
      },
      60_000,
    )

    test('a secret that is not there, or is no user and password, fails with its name', async () => {
      expect((await build('no-secret', credential('gone'))).why).toMatch(
        /registry credential gone can not be used: Reso/,
      )
      const broken = await build('broken-secret', credential('broken'))
      expect(broken.why).toMatch(
        /registry credential broken can not be used: it is not JSON with username and password/,
      )
      expect(broken.text + broken.why).not.toContain('open sesame')
    }, 60_000)

    test('an image is had by its digest, and another digest is not there', async () => {
      const by = (digest: string) => ({ image: `${registry.name}@${digest}`, ...credential('good') })
      expect(await build('digest', by(registry.digest))).toMatchObject({ status: 'SUCCEEDED' })
      const other = await build('no-digest', by(`sha256:${'0'.repeat(64)}`))
      expect(other).toMatchObject({ status: 'FAILED', why: expect.stringMatching(/manifest.*unknown|not found/i) })
    }, 60_000)

    test('commands run as root whatever the image says, as another user where the buildspec says so, and no entrypoint runs', async () => {
      const who = (phase: string, runAs = '') =>
        `  ${phase}:\n${runAs && `    run-as: ${runAs}\n`}    commands:\n      - echo ${phase} $(id -un) $HOME\n`
      const plain = await build('as-root', credential('good'), who('build'))
      expect(plain).toMatchObject({ status: 'SUCCEEDED', text: expect.stringContaining('build root /root') })
      const phases = who('install') + who('build', 'builder') + who('post_build', 'root')
      const mixed = await build('run-as', credential('good'), phases, 'run-as: nobody\n')
      expect(mixed.text).toMatch(/install nobody [\s\S]*build builder [\s\S]*post_build root /)
      const unknown = await build('no-user', credential('good'), who('build', 'ghost'))
      expect(unknown).toMatchObject({ status: 'FAILED', why: expect.stringContaining('no user ghost') })
    }, 60_000)

    test('a certificate from S3 is in the bundle of the container; one that can not be had fails the build', async () => {
      const pem = '-----BEGIN CERTIFICATE-----\nTUlJQmZha2UgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----'
      objects.set('trust/ca.pem', `junk before\n${pem}\njunk behind\n`)
      const look =
        '  build:\n    commands:\n      - cat /etc/ssl/certs/ca-certificates.crt\n      - diff $NODE_EXTRA_CA_CERTS /etc/ssl/certs/ca-certificates.crt\n'
      const known = await build('trusting', { certificate: 'arn:aws:s3:::trust/ca.pem', ...credential('good') }, look)
      expect(known.status).toBe('SUCCEEDED')
      expect(known.text).toContain('TUlJQmZha2UgY2VydGlmaWNhdGU=')
      expect(known.text).not.toContain('junk')
      const gone = await build('untrusting', { certificate: 'trust/gone.pem', ...credential('good') })
      expect(gone.why).toBe('CLIENT_ERROR: Unable to download certificate from S3. AccessDenied: Access Denied')
      objects.set('trust/text.pem', 'nothing')
      const text = await build('text', { certificate: 'trust/text.pem', ...credential('good') })
      expect(text.why).toContain('there is no PEM-encoded certificate in it')
    }, 60_000)

    test.each([
      [
        'a curated image as the service role',
        { image: 'aws/codebuild/standard:7.0' },
        /must be CODEBUILD for a CodeBuild/,
      ],
      [
        'credentials of a registry without the service role',
        { ...credential('good'), imagePullCredentialsType: 'CODEBUILD' as const },
        /needs the imagePullCredentialsType SERVICE_ROLE/,
      ],
      [
        'a Docker server',
        { dockerServer: { computeType: 'BUILD_GENERAL1_SMALL' as const } },
        /dockerServer is not supported/,
      ],
      ['a size of Lambda', { computeType: 'BUILD_LAMBDA_1GB' as const }, /BUILD_LAMBDA_1GB can not be used/],
      [
        'Windows',
        { type: 'WINDOWS_SERVER_2019_CONTAINER' as const },
        /type WINDOWS_SERVER_2019_CONTAINER is not supported/,
      ],
      ['a broken digest', { image: 'app@sha256:1' }, /app@sha256:1 is not the name of an image/],
      [
        'attributes without any',
        { computeType: 'ATTRIBUTE_BASED_COMPUTE' as const },
        /computeConfiguration is required/,
      ],
    ])('a project can not ask for %s', async (what, environment, message) => {
      const name = `refused-${createHash('md5').update(what).digest('hex')}`
      await expect(projectOf(name, environment, '')).rejects.toMatchObject({
        code: 'InvalidInputException',
        message: expect.stringMatching(message),
      })
    })
  },
)

/** A registry of the v2 protocol on this machine with one image: `/from`, an image user and an entrypoint that fails. */
async function openRegistry({ docker, ...provider }: DockerProvider) {
  const base = await ensureBusyboxImage({ docker, ...provider } as DockerProvider)
  const { config, layers } = await imageWith(docker, base)
  const blobs = new Map([config, ...layers].map(bytes => [digestOf(bytes), bytes]))
  const type = 'application/vnd.docker.distribution.manifest.v2+json'
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: digestOf(config),
      },
      layers: layers.map(bytes => ({
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
        size: bytes.length,
        digest: digestOf(bytes),
      })),
    }),
  )
  const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`
  const self = { scheme: 'Bearer' as 'Bearer' | 'Basic' }
  let host = ''
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const { authorization } = request.headers
    const answer = (status: number, body: Buffer | string, headers: object = {}) => {
      response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    const refused = (code: string) => JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] })
    if (pathname === '/token')
      return authorization === basic
        ? answer(200, JSON.stringify({ token: TOKEN }), { 'content-type': 'application/json' })
        : answer(401, refused('UNAUTHORIZED'))
    if (authorization !== (self.scheme === 'Basic' ? basic : `Bearer ${TOKEN}`)) {
      const realm =
        self.scheme === 'Basic' ? 'Basic realm="test"' : `Bearer realm="http://${host}/token",service="test"`
      return answer(401, refused('UNAUTHORIZED'), { 'www-authenticate': realm })
    }
    if (pathname === '/v2/') return answer(200, '{}')
    const [, kind, reference = ''] = /^\/v2\/team\/app\/(manifests|blobs)\/(.+)$/.exec(pathname) ?? []
    const digest = digestOf(manifest)
    if (kind === 'manifests' && (reference === 'one' || reference === digest))
      return answer(200, manifest, { 'content-type': type, 'docker-content-digest': digest })
    if (kind === 'manifests') return answer(404, refused('MANIFEST_UNKNOWN'))
    const blob = blobs.get(reference)
    return blob
      ? answer(200, blob, { 'content-type': 'application/octet-stream' })
      : answer(404, refused('BLOB_UNKNOWN'))
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const name = `${host}/team/app`
  const forget = async () => {
    const found = await docker.listImages({ filters: { reference: [name] } })
    for (const { Id } of found) await docker.getImage(Id).remove({ force: true })
  }
  return Object.assign(self, {
    name,
    tagged: `${name}:one`,
    digest: digestOf(manifest),
    forget,
    async close() {
      await forget()
      server.closeAllConnections()
      await new Promise(closed => server.close(closed))
    },
  })
}

/** `base` with a file, a user and an entrypoint, as the registry's bytes. */
async function imageWith(docker: DockerProvider['docker'], base: string) {
  const container = await docker.createContainer({ Image: base, Cmd: ['sh', '-c', 'echo the registry > /from'] })
  try {
    await container.start()
    await container.wait()
    const repo = `codeyard-test-registry-${process.pid}`
    const changes = 'USER builder\nENTRYPOINT ["/bin/false"]'
    await container.commit({ repo, changes } as any)
    try {
      const saved = await archiveOf((await docker.getImage(repo).get()) as Readable)
      const [manifest] = JSON.parse(saved.get('manifest.json')!.toString())
      const layers = (manifest.Layers as string[]).map(path => gzipSync(saved.get(path)!, { level: 1 }))
      return { config: saved.get(manifest.Config)!, layers }
    } finally {
      await docker.getImage(repo).remove({ force: true })
    }
  } finally {
    await container.remove({ force: true, v: true })
  }
}

async function archiveOf(stream: Readable): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for await (const entry of readArchive(stream)) {
    if (entry.type === 'file') files.set(entry.name, Buffer.concat(await Array.fromAsync(entry.content)))
  }
  return files
}

// One leased build: the engine's ports made of the services of the house, and how its progress becomes the row.

import type { Readable } from 'node:stream'
import type { BuildPlan, BuildPorts, Progress } from '../../../build/build.ts'
import { defined, documentedEnvironment } from '../../../build/environment.ts'
import { agentLine } from '../../../build/logLines.ts'
import { runBuild } from '../../../build/runBuild.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Sandbox, SandboxProvider } from '../../../sandbox/sandbox.ts'
import { advance } from '../advance.ts'
import type { BuildRow, StoredArtifact } from '../builds.ts'
import { buildArn, s3Location } from '../definition.ts'
import { imageOf, imageTableOf, isCurated } from '../images.ts'
import { endPhase } from '../machine.ts'
import { logStreamOf } from '../shape.ts'
import { isInlineBuildspec } from '../validate.ts'
import { storeArtifact, wantedArtifacts } from './artifactStore.ts'
import { cacheStoreOf } from './cacheStore.ts'
import { certificateOf, installCertificate } from './certificate.ts'
import { roleSession, sessionName } from './credentials.ts'
import type { CredentialsEndpoint } from './credentialsEndpoint.ts'
import type { DiskGuard } from './diskGuard.ts'
import { gitInside, providerPorts } from './git/providerPorts.ts'
import { limitsOf } from './limits.ts'
import { createLogSink, storeLog } from './logSink.ts'
import { notCarriedOut } from './notCarriedOut.ts'
import { withRegistry } from './registryCredential.ts'
import { type BuildObject, openBuildObject } from './s3LogOfBuild.ts'
import { secretVariables } from './secretVariables.ts'
import { downloadSources, repoUrl } from './sources.ts'
import { storeReport } from './storeReport.ts'
import { watchBuild } from './watch.ts'

export interface BuildRunPorts {
  /** A fresh call in the build's scope: each has the time of its making. */
  call(): OpenCall
  /** The sandboxes; `chosen` hears why this one. */
  sandboxes(chosen: (reason: string) => void | Promise<void>): SandboxProvider
  /** AWS_ENDPOINT_URL inside of this sandbox; undefined where none works. */
  endpointIn(sandbox: Sandbox): Promise<string | undefined>
  readonly credentials: CredentialsEndpoint
  /** By which this build's commands are known there. */
  readonly token: string
  readonly owner: string
  /** Of every sandbox of this database. */
  readonly labels: Readonly<Record<string, string>>
  /** Takes over the removal of a sandbox whose build is over. */
  remove(removal: () => Promise<void>): Promise<void>
  /** Aborted with 'STOPPED', 'TIMED_OUT' or 'DETACHED'. */
  readonly signal: AbortSignal
  /** Of all builds of this process. */
  readonly disk?: DiskGuard
  /** How often the environment's use is measured. */
  readonly measureMs?: number
  /** The row is a sandbox's: its environment is held for others to work in, and this keeps how it gets on. */
  readonly held?: { save(progress: Progress): Promise<void> }
}

/** Works on the build until it is over or the signal detaches. */
export async function workOn(row: BuildRow, ports: BuildRunPorts): Promise<void> {
  const { definition } = row
  const now = () => ports.call().now
  const asRole = () => ports.call().as(definition.serviceRole!, sessionName(row)).invoke
  const place = logStreamOf(row)
  const credentials = roleSession(ports.call, row)
  const events = createLogSink(
    async batch => {
      if (place) await storeLog(asRole(), place, batch)
    },
    now,
    error => {
      ports.call().log.warn({ err: error, build: row.id }, 'a log batch was not stored')
      // The database is away: the build is taken up again from its last progress, and so is the log.
      return isServiceError(error, 'ServiceUnavailable')
    },
  )
  let outputs: Record<string, StoredArtifact> = { ...row.outputs }
  const save = async (progress: Progress) => {
    const over = progress.state.phase === 'COMPLETED'
    await (over ? events.end() : events.flush())
    if (object) progress = await object.saved(progress)
    if (ports.held) return await ports.held.save(progress)
    await ports
      .call()
      .transaction(call => advance(call, row.id, { type: 'progressed', owner: ports.owner, progress }, outputs))
  }
  let object: BuildObject | undefined
  const sink = {
    write: (text: string | Buffer) => both(events.write(text), object?.write(text)),
  }
  try {
    if (place) await openLog(asRole(), place, row)
    object = await openBuildObject(row, ports.call)
  } catch (error) {
    const context = { statusCode: 'ACCESS_DENIED', message: (error as Error).message }
    const ended = endPhase(row.progress, 'FAILED', now())
    await save({
      ...ended,
      phases: ended.phases.map((phase, at) =>
        at === ended.phases.length - 2 ? { ...phase, contexts: [context] } : phase,
      ),
    })
    return
  }
  // The role is assumed now: a build whose role may not be is told so, and not each of its commands.
  const credentialVariables = async (sandbox: Sandbox): Promise<Record<string, string>> => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
    const variables = await ports.credentials.variables(sandbox.kind, ports.token, await ports.endpointIn(sandbox))
    if (variables) return variables
    const { expiration } = await credentials()
    const until = `${expiration.toISOString().slice(0, 16)}Z`
    await sink.write(
      agentLine(
        now(),
        `The container credentials endpoint can not be reached from here: keys of the service role are in the environment, good until ${until}`,
      ),
    )
    return {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    }
  }
  const secretsOf = (access: Readonly<Record<string, string>>) => [
    ports.token,
    ...Object.entries(access).flatMap(([name, value]) => (/^AWS_(ACCESS|SECRET|SESSION)_/.test(name) ? [value] : [])),
  ]
  const watch = watchBuild(row, {
    call: ports.call,
    limits: limitsOf(definition.environment!),
    disk: ports.disk,
    measureMs: ports.measureMs,
  })
  const signal = AbortSignal.any([ports.signal, watch.signal])
  const git = providerPorts(row, ports.call, line => sink.write(agentLine(now(), line)))
  const enginePorts: BuildPorts = {
    now,
    log: text => sink.write(text),
    logBytes: bytes => sink.write(bytes),
    download: (sandbox, directories) =>
      downloadSources(row, sandbox, directories, {
        invoke: asRole(),
        endpoint: ports.call().config.endpoint,
        credentials,
        signal,
        ...git,
      }),
    async environment(sandbox, sourceDirectory, { gitCredentialHelper }) {
      const documented = documentedEnvironment(
        {
          scope: row,
          id: row.id,
          number: row.number,
          image: definition.environment!.image!,
          initiator: definition.initiator,
          projectUuid: definition.projectId,
          startTime: row.started_at,
          encryptionKey: definition.encryptionKey,
          logStream: place?.stream,
          batchIdentifier: definition.batch?.identifier,
          sourceRepoUrl: repoUrl(definition.source!) || undefined,
          sourceVersion: definition.sourceVersion,
        },
        sourceDirectory,
      )
      const access = await credentialVariables(sandbox)
      const { certificate } = definition.environment!
      const trusted = certificate ? await installCertificate(sandbox, await certificateOf(certificate, asRole())) : {}
      const from = Number(access.GIT_CONFIG_COUNT ?? 0)
      // AWS: not supported for builds that a webhook of a public repository triggers [build-spec-ref]: anybody may have written the buildspec.
      const helper = gitCredentialHelper && !definition.webhook?.isPublic
      if (gitCredentialHelper && !helper)
        await sink.write(
          agentLine(now(), 'git-credential-helper is not used: a webhook of a public repository started the build'),
        )
      const inside = await gitInside(row, { helper, from }, git.providers!)
      return {
        documented: {
          ...documented,
          ...definition.webhook?.variables,
          ...trusted,
          ...defined({ AWS_ENDPOINT_URL: await ports.endpointIn(sandbox) }),
          ...access,
          ...inside.variables,
        },
        secrets: [...secretsOf(access), ...inside.secrets],
      }
    },
    resolve: (buildspec, say) =>
      secretVariables({
        buildspec,
        variables: definition.environment?.environmentVariables ?? [],
        invoke: asRole(),
        say,
      }),
    async upload(artifact) {
      const { count, artifact: stored } = await storeArtifact(row, artifact, asRole())
      if (stored) outputs = { ...outputs, [artifact.identifier]: stored }
      return count
    },
    report: report => storeReport(row, report, ports.call()),
    cache: cacheStoreOf(row, asRole(), ports.call().config.dataDir),
    save,
    remove: ports.remove,
    failed: error => ports.call().log.error({ err: error, build: row.id }, 'a build ended as FAULT'),
    signal,
  }
  const sandboxes = ports.sandboxes(reason => sink.write(agentLine(now(), reason)))
  const provider = watch.seen(withRegistry(sandboxes, definition.environment!, asRole()))
  const { endpoint } = ports.call().config
  const dismiss = ports.credentials.admit(ports.token, {
    roleArn: definition.serviceRole!,
    region: row.region,
    endpoint,
    cloneUrls: [endpoint],
    credentials,
  })
  let over = false
  try {
    const plan = await planOf(row, asRole(), ports)
    await runBuild(ports.held ? heldPlan(plan, object !== undefined) : plan, provider, enginePorts, row.progress)
    over = true
  } finally {
    watch.stop()
    dismiss()
    await object?.close(over)
  }
  await events.end()
}

const both = (one: void | Promise<void>, other: void | Promise<void>): void | Promise<void> =>
  one && other ? Promise.all([one, other]).then(() => {}) : (one ?? other)

type Invoke_ = ReturnType<OpenCall['as']>['invoke']

// AWS: `Service role ROLE does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build ARN. Error
// message: ...` (ACCESS_DENIED).
export async function openLog(
  invoke: Invoke_,
  { group, stream }: { group: string; stream: string },
  row: BuildRow,
): Promise<void> {
  const create = () => invoke('logs', 'CreateLogStream', { logGroupName: group, logStreamName: stream })
  try {
    await create().catch(async error => {
      if (isServiceError(error, 'ResourceAlreadyExistsException')) return
      if (!isServiceError(error, 'ResourceNotFoundException')) throw error
      await invoke('logs', 'CreateLogGroup', { logGroupName: group }).catch(ignoreExisting)
      await create().catch(ignoreExisting)
    })
  } catch (error) {
    throw new Error(
      `Service role ${row.definition.serviceRole} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build ${buildArn(row, row.id)}. Error message: ${(error as Error).message}`,
    )
  }
}

function ignoreExisting(error: unknown): void {
  if (!isServiceError(error, 'ResourceAlreadyExistsException')) throw error
}

/** The sandbox of a build, by the UUID in the build's id. */
export const sandboxName = (uuid: string) => `build-${uuid}`

async function planOf(row: BuildRow, invoke: Invoke_, { labels, call }: BuildRunPorts): Promise<BuildPlan> {
  const { definition } = row
  const plain = (variables: typeof definition.startVariables) =>
    Object.fromEntries(
      variables.filter(({ type }) => !type || type === 'PLAINTEXT').map(({ name, value }) => [name!, value!]),
    )
  const uuid = row.id.split(':')[1]!
  const { privilegedMode, registryCredential } = definition.environment!
  const { cache } = definition
  // AWS: "a Docker layer cache can be used in the Linux environment only" and in privileged mode [build-caching, caching-local].
  const layers =
    privilegedMode && cache?.type === 'LOCAL' && cache.modes?.includes('LOCAL_DOCKER_LAYER_CACHE')
      ? [...Object.values(labels), row.account, row.region, definition.projectId, definition.cacheGeneration].join(' ')
      : undefined
  let unusable: string[] = []
  const table = await imageTableOf(call()).catch((error: Error) => {
    unusable = [`The table of images is not used: ${error.message}`]
    return {}
  })
  const image = imageOf(definition.environment!.image!, table)
  return {
    sandbox: {
      name: sandboxName(uuid),
      image: image.name,
      // AWS: each build shows its own credentials to the registry, also when an earlier one fetched the image with others.
      pull: registryCredential ? 'always' : image.pull,
      privileged: privilegedMode,
      ...(layers && { layers }),
      limits: limitsOf(definition.environment!),
      labels: { ...labels, 'codeyard.build': row.id },
    },
    buildspec: await buildspecOf(definition.source?.buildspec, invoke),
    projectEnvironment: plain(definition.projectVariables),
    startBuildEnvironment: plain(definition.startVariables),
    ...(definition.debugSession && { debugSession: true }),
    artifacts: wantedArtifacts(row),
    curatedImage: isCurated(definition.environment!.image),
    greeting: [...unusable, ...(image.note ? [image.note] : []), ...notCarriedOut(definition)],
  }
}

/** The environment of a build without what it would do. */
const heldPlan = (plan: BuildPlan, toS3: boolean): BuildPlan => ({
  ...plan,
  greeting: [
    ...plan.greeting,
    ...(toS3 ? ['Logs of commands go to CloudWatch Logs only, this one to S3 as well'] : []),
  ],
  held: true,
  debugSession: true,
  buildspec: { text: 'version: 0.2\nphases:\n  build:\n    commands:\n      - exit\n' },
  artifacts: [],
})

// AWS: a path below the source, an S3 ARN, or the text itself [build-spec-ref-name-storage].
async function buildspecOf(buildspec: string | undefined, invoke: Invoke_): Promise<BuildPlan['buildspec']> {
  if (!buildspec?.trim()) return { path: 'buildspec.yml' }
  if (isInlineBuildspec(buildspec)) return { text: buildspec }
  if (!/^arn:aws[\w-]*:s3:::/.test(buildspec)) return { path: buildspec.replace(/^\.?\/+/, '') }
  const { bucket, key } = s3Location({ location: buildspec })!
  try {
    const { Body } = await invoke('s3', 'GetObject', { Bucket: bucket, Key: key })
    return { text: Buffer.concat(await (Body as Readable).toArray()).toString() }
  } catch (error) {
    // Not there: the build says so when it looks for its buildspec.
    if (isServiceError(error)) return { path: buildspec }
    throw error
  }
}

// Sandboxes and builds that wait at a breakpoint, entered as people do it: the API with the SDK, terminals over WebSockets, a server that is
// killed meanwhile. On the host, and in Docker where an engine answers.

import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build, CommandExecution, Sandbox } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type SessionTicket } from '../src/cli/sessionClient.ts'
import { dockerForTests, ensureDebianImage } from '../src/sandbox/testImages.ts'
import { until } from './clients.ts'
import { atTerminal, withoutTerminal } from './harness/terminal.ts'
import { openYard, type Yard } from './harness/yard.ts'

const engine = await dockerForTests()
const image = typeof engine === 'string' ? undefined : await ensureDebianImage(engine)
// Docker's part is left out only where no Docker Engine answers.
const kinds = image ? ['host', 'docker'] : ['host']
const roleArn = 'arn:aws:iam::000000000000:role/sandbox'

describe.each(kinds)('on %s', { timeout: 120_000 }, kind => {
  let yard: Yard
  let dataDir: string
  const open = async (port?: number) => {
    yard = await openYard({ dataDir, port, args: ['--sandbox', kind] })
  }
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'codeyard-sandboxes-'))
    await open()
    const { iam, codebuild } = yard.clients
    const Version = '2012-10-17'
    const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
    await iam.createRole({
      RoleName: 'sandbox',
      AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }),
    })
    const statement = { Effect: 'Allow', Action: ['logs:*', 'ssm:StartSession', 's3:*'], Resource: '*' }
    const policy = JSON.stringify({ Version, Statement: [statement] })
    await iam.putRolePolicy({ RoleName: 'sandbox', PolicyName: 'p', PolicyDocument: policy })
    await codebuild.createProject({
      name: 'app',
      source: {
        type: 'NO_SOURCE',
        buildspec: JSON.stringify({
          version: 0.2,
          phases: {
            build: { commands: ['export STEP=three; mkdir -p deep; cd deep', 'codebuild-breakpoint', 'cat said.txt'] },
          },
        }),
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: image ?? 'none',
        computeType: 'BUILD_GENERAL1_SMALL',
        environmentVariables: [{ name: 'GREETING', value: 'hello' }],
      },
      serviceRole: roleArn,
    })
  }, 120_000)
  afterAll(async () => {
    // Environments outlive their server: what a test that failed left must be ended before.
    const { codebuild } = yard.clients
    for (const id of (await codebuild.listSandboxes({})).ids!) await stopped(id)
    for (const id of (await codebuild.listBuilds({})).ids!) {
      await codebuild.stopBuild({ id })
      await finished(id)
    }
    await yard.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  const started = async () => (await yard.clients.codebuild.startSandbox({ projectName: 'app' })).sandbox!
  const sandboxOf = async (id: string): Promise<Sandbox> =>
    (await yard.clients.codebuild.batchGetSandboxes({ ids: [id] })).sandboxes![0]!
  const ready = (id: string) =>
    until(
      () => sandboxOf(id),
      ({ currentSession, status }) => currentSession?.currentPhase === 'RUN_SANDBOX' || status !== 'IN_PROGRESS',
      { pause: 50 },
    )
  const stopped = async (id: string) => {
    await yard.clients.codebuild.stopSandbox({ id })
    return await until(
      () => sandboxOf(id),
      ({ status }) => status !== 'IN_PROGRESS',
      { pause: 50 },
    )
  }
  const run = async (sandboxId: string, command: string) =>
    (await yard.clients.codebuild.startCommandExecution({ sandboxId, command })).commandExecution!
  const commandOf = async ({ sandboxId, id }: CommandExecution): Promise<CommandExecution> =>
    (await yard.clients.codebuild.batchGetCommandExecutions({ sandboxId, commandExecutionIds: [id!] }))
      .commandExecutions![0]!
  const ended = (command: CommandExecution) =>
    until(
      () => commandOf(command),
      ({ status }) => status !== 'IN_PROGRESS',
      { pause: 50 },
    )
  const logOf = async ({ groupName, streamName }: { groupName?: string; streamName?: string }) =>
    (await yard.clients.logs.getLogEvents({ logGroupName: groupName, logStreamName: streamName, startFromHead: true }))
      .events!.map(({ message }) => message)
      .join('')
  const buildOf = async (id: string): Promise<Build> =>
    (await yard.clients.codebuild.batchGetBuilds({ ids: [id] })).builds![0]!
  const finished = (id: string) =>
    until(
      () => buildOf(id),
      build => build.buildComplete === true,
      { pause: 50 },
    )
  const paused = async () => {
    const { build } = await yard.clients.codebuild.startBuild({ projectName: 'app', debugSessionEnabled: true })
    const at = await until(
      async () => {
        const found = await buildOf(build!.id!)
        const text = found.logs?.groupName ? await logOf(found.logs).catch(() => '') : ''
        return { found, text }
      },
      ({ found, text }) => text.includes('Build is paused') || found.buildComplete === true,
      { pause: 50 },
    )
    if (at.found.buildComplete) return at.found
    // The log is a moment ahead of the row.
    return await until(
      () => buildOf(build!.id!),
      ({ currentPhase }) => currentPhase === 'BUILD',
      { pause: 50 },
    )
  }
  async function enter(ticket: SessionTicket) {
    let seen = ''
    const session = await openSession(ticket, {
      output: bytes => {
        seen += bytes
      },
      errorOutput: bytes => {
        seen += bytes
      },
    })
    const shows = (pattern: RegExp) => expect.poll(() => seen, { timeout: 30_000 }).toMatch(pattern)
    const type = (text: string) => session.write(Buffer.from(text))
    return { ...session, shows, type, seen: () => seen }
  }
  const startSession = async (target: string, line?: string): Promise<SessionTicket> => {
    const document =
      line === undefined ? {} : { DocumentName: 'AWS-StartNonInteractiveCommand', Parameters: { command: [line] } }
    const { SessionId, TokenValue, StreamUrl } = await yard.clients.ssm.startSession({ Target: target, ...document })
    return { sessionId: SessionId!, tokenValue: TokenValue!, streamUrl: StreamUrl! }
  }
  const ticketFor = async (sandboxId: string): Promise<SessionTicket> =>
    (await yard.clients.codebuild.startSandboxConnection({ sandboxId })).ssmSession as SessionTicket

  test('a sandbox runs commands with the environment of the project, tells how they end, and ends what still runs with itself', async () => {
    const { id, status } = await started()
    expect(id).toMatch(/^app:[0-9a-f-]{36}$/)
    expect(status).toBe('IN_PROGRESS')
    // Asked for before the sandbox is there: it waits.
    const greeting = await run(
      id!,
      'echo "$GREETING $((40+2))"; echo careful >&2; pwd; aws_id=$CODEBUILD_BUILD_ID; echo $aws_id',
    )
    const failing = await run(id!, 'echo no >&2; exit 7')
    const done = await ended(greeting)
    expect(done).toMatchObject({
      sandboxId: id,
      sandboxArn: `arn:aws:codebuild:us-east-1:000000000000:sandbox/${id}`,
      status: 'SUCCEEDED',
      exitCode: '0',
      type: 'SHELL',
      standardErrContent: 'careful\n',
    })
    expect(done.standardOutputContent).toMatch(new RegExp(`^hello 42\n/.*/00\n${id}\n$`))
    expect(done.startTime!.getTime()).toBeGreaterThanOrEqual(done.submitTime!.getTime())
    expect(await logOf(done.logs!)).toContain('hello 42\n')
    expect(await ended(failing)).toMatchObject({ status: 'FAILED', exitCode: '7', standardErrContent: 'no\n' })
    const sandbox = await ready(id!)
    expect(sandbox).toMatchObject({
      status: 'IN_PROGRESS',
      projectName: 'app',
      currentSession: { currentPhase: 'RUN_SANDBOX' },
    })
    expect(sandbox.currentSession!.phases!.map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus])).toEqual([
      ['SUBMITTED', 'SUCCEEDED'],
      ['QUEUED', 'SUCCEEDED'],
      ['PROVISIONING', 'SUCCEEDED'],
      ['DOWNLOAD_SOURCE', 'SUCCEEDED'],
      ['RUN_SANDBOX', 'IN_PROGRESS'],
    ])
    const mark = `73${Date.now() % 100_000}`
    const endless = await run(id!, `sleep ${mark}`)
    await until(
      () => commandOf(endless),
      ({ startTime }) => startTime !== undefined,
      { pause: 50 },
    )
    const { ids } = await yard.clients.codebuild.listSandboxesForProject({ projectName: 'app' })
    expect(ids).toContain(id)
    expect((await yard.clients.codebuild.listSandboxes({})).ids).toContain(id)
    const first = await yard.clients.codebuild.listCommandExecutionsForSandbox({
      sandboxId: id,
      maxResults: 2,
      sortOrder: 'ASCENDING',
    })
    expect(first.commandExecutions!.map(command => command.id)).toEqual([greeting.id, failing.id])
    const { nextToken } = first
    const second = await yard.clients.codebuild.listCommandExecutionsForSandbox({
      sandboxId: id,
      nextToken,
      maxResults: 2,
      sortOrder: 'ASCENDING',
    })
    expect(second.commandExecutions!.map(command => command.id)).toEqual([endless.id])
    expect(await stopped(id!)).toMatchObject({ status: 'STOPPED', endTime: expect.any(Date) })
    expect(await commandOf(endless)).toMatchObject({ status: 'STOPPED', endTime: expect.any(Date) })
    await expect(run(id!, 'true')).rejects.toMatchObject({ name: 'InvalidInputException' })
    await expect.poll(() => commandLines(mark), { timeout: 20_000 }).toEqual([])
    // Again is fine.
    await yard.clients.codebuild.stopSandbox({ id })
  })

  test('a connection to a sandbox is a terminal, its token good once', async () => {
    const { id } = await started()
    await expect(ticketFor(id!)).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringMatching(/^Failed to start SSM session for sandbox .* is not connected\.$/),
    })
    await ready(id!)
    const ticket = await ticketFor(id!)
    expect(ticket.streamUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/v1\/data-channel\//)
    await expect(openSession({ ...ticket, tokenValue: 'x'.repeat(64) }, silent)).rejects.toThrow(/token is not good/)
    const shell = await enter(ticket)
    await expect(openSession(ticket, silent)).rejects.toThrow(/token is not good/)
    shell.resize({ columns: 93, rows: 27 })
    shell.type('echo "$GREETING-$((40+2))"; test -t 0 && echo a-$((1+1))-terminal\n')
    await shell.shows(/hello-42[\r\n]+[\s\S]*a-2-terminal/)
    shell.type('stty size\n')
    await shell.shows(/27 93/)
    shell.type('sh -c \'echo be""gin; exec sleep 1000\'\n')
    await shell.shows(/[^"]begin[\r\n]+/)
    shell.type('\x03')
    shell.type('\nexit 5\n')
    // Interrupted first, or the exit would never be read.
    await expect(shell.over).resolves.toMatchObject({ exitCode: 5 })
    await stopped(id!)
  })

  test('a build that waits at a breakpoint is entered where it stands, resumed, and succeeds', async () => {
    const build = await paused()
    const target = `codebuild:${build.id}`
    expect(build).toMatchObject({
      buildStatus: 'IN_PROGRESS',
      currentPhase: 'BUILD',
      debugSession: { sessionEnabled: true, sessionTarget: target },
    })
    const shell = await enter(await startSession(target))
    shell.type('echo "$STEP-$GREETING-${PWD##*/}"; echo entered > said.txt\n')
    await shell.shows(/three-hello-deep/)
    shell.type('codebuild-resume\n')
    await shell.shows(/The build goes on/)
    const done = await finished(build.id!)
    expect(done).toMatchObject({ buildStatus: 'SUCCEEDED', debugSession: { sessionEnabled: true } })
    expect(done.debugSession!.sessionTarget).toBeUndefined()
    expect(await logOf(done.logs!)).toMatch(
      /Build is paused at codebuild-breakpoint[\s\S]*Build is resumed[\s\S]*entered\n/,
    )
    // The end of the environment is the end of the session.
    await shell.over
    await expect(startSession(target)).rejects.toMatchObject({
      name: 'TargetNotConnected',
      message: `${target} is not connected.`,
    })
  })

  test('without a session a breakpoint is passed over, and the log says so', async () => {
    const { build } = await yard.clients.codebuild.startBuild({
      projectName: 'app',
      buildspecOverride: JSON.stringify({
        version: 0.2,
        phases: { build: { commands: ['codebuild-breakpoint', 'codebuild-resume'] } },
      }),
    })
    const done = await finished(build!.id!)
    expect(done.buildStatus).toBe('SUCCEEDED')
    expect(done.debugSession).toBeUndefined()
    expect(await logOf(done.logs!)).toMatch(/codebuild-breakpoint is ignored: session connection is not enabled/)
  })

  test('a server that is killed leaves the pause and the command as they are, and the next one goes on with both', async () => {
    const build = await paused()
    const { id } = await started()
    const gate = `/tmp/gate-${randomUUID()}`
    const long = await run(id!, `echo before; until [ -e ${gate} ]; do sleep 0.1; done; echo after`)
    await until(
      () => commandOf(long),
      ({ startTime }) => startTime !== undefined,
      { pause: 50 },
    )
    const { port } = new URL(yard.endpoint)
    await yard.kill()
    await open(Number(port))
    expect(await buildOf(build.id!)).toMatchObject({ buildStatus: 'IN_PROGRESS', currentPhase: 'BUILD' })
    const target = `codebuild:${build.id}`
    const command = await until(
      () => startSession(target, 'echo "in ${PWD##*/}" > said.txt; cat said.txt; codebuild-resume; exit 3').then(enter),
      () => true,
    )
    expect(await command.over).toMatchObject({ exitCode: 3 })
    expect(command.seen()).toBe('in deep\nThe build goes on.\n')
    const done = await finished(build.id!)
    expect(done.buildStatus).toBe('SUCCEEDED')
    expect(await logOf(done.logs!)).toContain('in deep\n')
    expect(await ended(await run(id!, `touch ${gate}`))).toMatchObject({ status: 'SUCCEEDED' })
    const result = await ended(long)
    expect(result).toMatchObject({ status: 'SUCCEEDED', standardOutputContent: 'before\nafter\n' })
    expect(await logOf(result.logs!)).toBe('before\nafter\n')
    expect(await stopped(id!)).toMatchObject({ status: 'STOPPED' })
  })

  test('codeyard shell is a terminal in a build and in a sandbox, or runs one command, with the exit code', async () => {
    const build = await paused()
    const person = atTerminal(['shell', build.id!], yard.env)
    person.type('echo "$STEP-$((40+2))"; stty size\n')
    await person.sees(/three-42[\r\n]+33 77[\r\n]+/)
    person.type('sh -c \'echo be""gin; exec sleep 1000\'\n')
    await person.sees(/[^"]begin[\r\n]+/)
    person.type('\x03')
    await person.sees(/\^C/)
    person.type('\nexit 9\n')
    expect(await person.over).toBe(9)
    const command = withoutTerminal(
      ['shell', build.arn!, '--', 'sh', '-c', 'echo "out $0" > said.txt; codebuild-resume; exit 8', 'a b'],
      yard.env,
    )
    expect(await command.over).toBe(8)
    expect((await finished(build.id!)).buildStatus).toBe('SUCCEEDED')
    expect(await logOf((await buildOf(build.id!)).logs!)).toContain('out a b\n')
    const late = withoutTerminal(['shell', build.id!], yard.env)
    expect(await late.over).toBe(1)
    expect(late.screen()).toBe(`codeyard: ${build.id} is over: SUCCEEDED\n`)
    const { id, arn } = await started()
    const inSandbox = withoutTerminal(['shell', arn!, '--', 'echo "$GREETING"; echo wrong >&2; exit 2'], yard.env)
    expect(await inSandbox.over).toBe(2)
    expect(inSandbox.screen()).toContain('hello\n')
    const shell = atTerminal(['shell', id!], yard.env)
    shell.type('echo "$GREETING-$((40+2))"; exit\n')
    await shell.sees(/hello-42/)
    expect(await shell.over).toBe(0)
    await stopped(id!)
  })

  test('TerminateSession ends a terminal, and what runs in it', async () => {
    const { id } = await started()
    await ready(id!)
    const ticket = await ticketFor(id!)
    const shell = await enter(ticket)
    const mark = `74${Date.now() % 100_000}`
    shell.type(`sleep ${mark}\n`)
    await expect.poll(() => commandLines(mark), { timeout: 20_000 }).not.toEqual([])
    await yard.clients.ssm.terminateSession({ SessionId: ticket.sessionId })
    expect(await shell.over).toEqual({ reason: 'the session was terminated' })
    await expect.poll(() => commandLines(mark), { timeout: 20_000 }).toEqual([])
    await stopped(id!)
  })
})

const silent = { output() {}, errorOutput() {} }

/** Programs of this machine, containers included, with `argument` as one of their words. */
async function commandLines(argument: string): Promise<string[]> {
  const { readFile } = await import('node:fs/promises')
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter(line => line.startsWith('sleep\0') && line.split('\0').includes(argument))
}

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deployLocally, eventsOf, LOCAL_EVENTS } from './deployLocally.ts'
import type { DeploymentSpec } from './deploymentSpec.ts'
import { createLogTail, diagnosticsOf, ScriptError } from './diagnostics.ts'
import { createExecutor } from './executor.ts'
import { sourceOf } from './hooks.ts'
import { layoutOf } from './layout.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'codeyard-agent-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const write = (path: string, text: string, mode?: number) => {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
  if (mode) chmodSync(join(home, path), mode)
}
const read = (path: string) => readFileSync(join(home, path), 'utf8')

/** A revision below `name`: an appspec and files. */
function revision(name: string, appspec: string, files: Record<string, string> = {}) {
  write(`${name}/appspec.yml`, `version: 0.0\nos: linux\n${appspec}`)
  for (const [path, text] of Object.entries(files)) write(`${name}/${path}`, text, 0o755)
}
const spec = (deploymentId: string, directory: string, more: Partial<DeploymentSpec> = {}): DeploymentSpec => ({
  deploymentId,
  groupId: 'group-1',
  groupName: 'fleet',
  applicationName: 'shop',
  creator: 'user',
  type: 'IN_PLACE',
  appspecFilename: 'appspec.yml',
  fileExistsBehavior: 'DISALLOW',
  revision: { type: 'Local Directory', location: join(home, directory) },
  ...more,
})
const executor = (more: Partial<Parameters<typeof createExecutor>[0]> = {}) =>
  createExecutor({
    layout: layoutOf(join(home, 'root')),
    now: () => new Date('2026-11-23T05:12:03Z'),
    fetchBundle: () => Promise.reject(new Error('no network')),
    ...more,
  })
async function failure(
  work: Promise<void>,
): Promise<{ error_code: number; script_name: string; message: string; log: string }> {
  try {
    await work
  } catch (error) {
    return JSON.parse(diagnosticsOf(error))
  }
  throw new Error('it did not fail')
}
/** Runs one event whose only script is `script`. */
async function runEvent(script: string, hook = '', more: Parameters<typeof executor>[0] = {}) {
  revision('app', `hooks:\n  AfterInstall:\n    - location: run.sh\n${hook}`, { 'run.sh': script })
  const agent = executor(more)
  await agent.execute('DownloadBundle', spec('d-1', 'app'))
  return agent.execute('AfterInstall', spec('d-1', 'app'))
}

describe('hooks', () => {
  test('a script finds what the agent of AWS gives it, and its output is logged in both forms', async () => {
    await runEvent(
      '#!/bin/sh\necho "$LIFECYCLE_EVENT $DEPLOYMENT_ID $APPLICATION_NAME $DEPLOYMENT_GROUP_NAME $DEPLOYMENT_GROUP_ID ${BUNDLE_BUCKET-none}"\necho oops >&2\n',
    )
    const log = read('root/group-1/d-1/logs/scripts.log')
    expect(log).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d LifecycleEvent - AfterInstall\n/)
    expect(log).toContain(' Script - run.sh\n')
    expect(log).toContain(' [stdout]AfterInstall d-1 shop fleet group-1 none\n')
    expect(log).toContain(' [stderr]oops\n')
    expect(read('root/deployment-logs/codedeploy-agent-deployments.log')).toMatch(
      /\[[\d :.-]+\] \[d-1\]\[stderr\]oops\n/,
    )
  })

  test('a script without an execute bit and without an interpreter line runs', async () => {
    revision('app', 'hooks:\n  AfterInstall:\n    - location: run.sh\n')
    write('app/run.sh', 'echo plain\n', 0o644)
    const agent = executor()
    await agent.execute('DownloadBundle', spec('d-1', 'app'))
    await agent.execute('AfterInstall', spec('d-1', 'app'))
    expect(read('root/group-1/d-1/logs/scripts.log')).toContain('[stdout]plain')
  })

  test('the first failing script ends the event with code 4 and the output so far', async () => {
    revision('app', 'hooks:\n  AfterInstall:\n    - location: a.sh\n    - location: b.sh\n    - location: c.sh\n', {
      'a.sh': '#!/bin/sh\necho first\n',
      'b.sh': '#!/bin/sh\necho second; exit 7\n',
      'c.sh': '#!/bin/sh\necho third\n',
    })
    const agent = executor()
    await agent.execute('DownloadBundle', spec('d-1', 'app'))
    expect(await failure(agent.execute('AfterInstall', spec('d-1', 'app')))).toEqual({
      error_code: 4,
      script_name: 'b.sh',
      message: 'Script at specified location: b.sh failed with exit code 7',
      log: 'LifecycleEvent - AfterInstall\nScript - a.sh\n[stdout]first\nScript - b.sh\n[stdout]second\n',
    })
  })

  test('a missing script is code 1', async () => {
    revision('app', 'hooks:\n  AfterInstall:\n    - location: nope.sh\n')
    const agent = executor()
    await agent.execute('DownloadBundle', spec('d-1', 'app'))
    expect(await failure(agent.execute('AfterInstall', spec('d-1', 'app')))).toMatchObject({
      error_code: 1,
      script_name: 'nope.sh',
      message: `Script does not exist at specified location: ${join(home, 'root/group-1/d-1/deployment-archive/nope.sh')}`,
    })
  })

  test('a script over its time is code 3, and its whole process group is gone', async () => {
    const work = runEvent('#!/bin/sh\nsleep 300 &\necho $! > "$PID_FILE"\nwait\n', '      timeout: 1\n', {
      env: { PID_FILE: join(home, 'pid') },
    })
    expect(await failure(work)).toMatchObject({
      error_code: 3,
      message: 'Script at specified location: run.sh failed to complete in 1 seconds',
    })
    const pid = Number(read('pid'))
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  test('the scripts of one event share an hour', async () => {
    const work = runEvent('#!/bin/sh\nsleep 300\n', '', { eventTimeoutMs: 300 })
    expect(await failure(work)).toMatchObject({ error_code: 3 })
  })

  test('an output left open by a background process is code 6, and the log says how to avoid it', async () => {
    const work = runEvent('#!/bin/sh\nsleep 300 &\necho $! > "$PID_FILE"\n', '      timeout: 4\n', {
      env: { PID_FILE: join(home, 'pid') },
    })
    const diagnostics = await failure(work)
    process.kill(Number(read('pid')), 'SIGKILL')
    expect(diagnostics).toMatchObject({
      error_code: 6,
      message: 'Script at specified location: run.sh failed to close STDOUT',
    })
    expect(diagnostics.log).toContain('Redirect its output')
  }, 15_000)

  test('endless output without a newline does not fill the memory or the diagnostics', async () => {
    const diagnostics = await failure(runEvent('#!/bin/sh\nhead -c 20000000 /dev/zero | tr "\\0" x\nexit 1\n'))
    expect(diagnostics.error_code).toBe(4)
    expect(diagnostics.log.length).toBeLessThan(2048)
    expect(diagnostics.log).toContain('xxx')
  })

  test('as root, runas runs the script as that user', async () => {
    if (process.getuid?.() !== 0) return
    chmodSync(home, 0o755)
    await runEvent('#!/bin/sh\nid -un\n', '      runas: nobody\n').catch(error => {
      // nobody's shell may be nologin: then su says so, in AWS's words
      expect((error as ScriptError).message).toContain('run.sh run as user nobody failed with exit code')
    })
    expect(await failure(runEvent('#!/bin/sh\n', '      runas: "-x; id"\n'))).toMatchObject({ error_code: 5 })
  })
})

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

describe('which revision supplies a hook', () => {
  test.each([
    ['ApplicationStop', 'user', 'IN_PLACE', 'lastSuccessful'],
    ['BeforeBlockTraffic', 'user', 'IN_PLACE', 'lastSuccessful'],
    ['AfterInstall', 'user', 'IN_PLACE', 'current'],
    ['AfterAllowTraffic', 'user', 'BLUE_GREEN', 'current'],
    ['AfterBlockTraffic', 'codeDeployRollback', 'BLUE_GREEN', 'mostRecent'],
    ['BeforeAllowTraffic', 'codeDeployRollback', 'BLUE_GREEN', 'lastSuccessful'],
    ['BeforeBlockTraffic', 'codeDeployRollback', 'IN_PLACE', 'lastSuccessful'],
  ])('%s of a deployment by %s (%s): %s', (event, creator, type, source) => {
    expect(sourceOf(event, { creator, type })).toBe(source)
  })

  test('ApplicationStop is a no-op at first and then runs from the last installed revision', async () => {
    const stop = 'hooks:\n  ApplicationStop:\n    - location: stop.sh\n'
    revision('one', stop, { 'stop.sh': '#!/bin/sh\necho stopping one\n' })
    revision('two', stop, { 'stop.sh': '#!/bin/sh\necho stopping two\n' })
    const agent = executor()
    expect(agent.isNoop('ApplicationStop', spec('d-1', 'one'))).toBe(true)
    await agent.execute('ApplicationStop', spec('d-1', 'one'))
    await agent.execute('DownloadBundle', spec('d-1', 'one'))
    await agent.execute('Install', spec('d-1', 'one'))
    expect(agent.isNoop('ApplicationStop', spec('d-2', 'two'))).toBe(false)
    await agent.execute('ApplicationStop', spec('d-2', 'two'))
    expect(read('root/group-1/d-2/logs/scripts.log')).toContain('stopping one')
    expect(read('root/deployment-instructions/group-1_last_successful_install')).toBe(join(home, 'root/group-1/d-1'))
  })

  test('an unknown command is refused, an event without scripts is a no-op', async () => {
    revision('one', '')
    const agent = executor()
    await agent.execute('DownloadBundle', spec('d-1', 'one'))
    expect(agent.isNoop('AfterInstall', spec('d-1', 'one'))).toBe(true)
    expect(agent.isNoop('Install', spec('d-1', 'one'))).toBe(false)
    expect(await failure(agent.execute('Reboot', spec('d-1', 'one')))).toMatchObject({
      error_code: 5,
      message: 'Unsupported command type: Reboot.',
    })
  })
})

describe('Install', () => {
  const deploy = async (id: string, name: string, more: Partial<DeploymentSpec> = {}) => {
    const agent = executor()
    await agent.execute('DownloadBundle', spec(id, name, more))
    await agent.execute('Install', spec(id, name, more))
  }

  test('copies the content of a directory and files by name, and writes down what it did', async () => {
    revision(
      'one',
      `files:\n  - source: /web\n    destination: ${home}/srv/www\n  - source: config.ini\n    destination: ${home}/srv/etc\n`,
      {
        'web/index.html': 'hello',
        'web/css/a.css': 'css',
        'config.ini': 'x=1',
      },
    )
    await deploy('d-1', 'one')
    expect(read('srv/www/index.html')).toBe('hello')
    expect(read('srv/www/css/a.css')).toBe('css')
    expect(read('srv/etc/config.ini')).toBe('x=1')
    expect(read('root/deployment-instructions/group-1-cleanup').split('\n')).toContain(join(home, 'srv/www/css/a.css'))
    expect(JSON.parse(read('root/deployment-instructions/group-1-install.json')).instructions[0]).toEqual({
      type: 'mkdir',
      directory: join(home, 'srv'),
    })
  })

  test('the next revision replaces the files of the last and spares what others made', async () => {
    revision('one', `files:\n  - source: /web\n    destination: ${home}/www\n`, {
      'web/old.txt': 'old',
      'web/d/x': 'x',
    })
    revision('two', `files:\n  - source: /web\n    destination: ${home}/www\n`, { 'web/new.txt': 'new' })
    await deploy('d-1', 'one')
    write('www/d/made-at-run-time', 'mine')
    await deploy('d-2', 'two')
    expect(existsSync(join(home, 'www/old.txt'))).toBe(false)
    expect(read('www/new.txt')).toBe('new')
    expect(read('www/d/made-at-run-time')).toBe('mine')
    expect(existsSync(join(home, 'www/d/x'))).toBe(false)
  })

  test.each([
    ['DISALLOW', undefined, 'fails'],
    ['OVERWRITE', undefined, 'new'],
    ['RETAIN', undefined, 'mine'],
    ['DISALLOW', 'OVERWRITE', 'new'],
    ['OVERWRITE', 'RETAIN', 'mine'],
  ])('an existing file with %s of the deployment and %s of the appspec: %s', async (deployment, appspec, result) => {
    write('www/a.txt', 'mine')
    revision(
      'one',
      `${appspec ? `file_exists_behavior: ${appspec}\n` : ''}files:\n  - source: a.txt\n    destination: ${home}/www\n`,
      {
        'a.txt': 'new',
      },
    )
    const work = deploy('d-1', 'one', { fileExistsBehavior: deployment })
    if (result === 'fails') {
      expect(await failure(work)).toMatchObject({
        error_code: 5,
        message: `The deployment failed because a specified file already exists at this location: ${join(home, 'www/a.txt')}`,
      })
    } else {
      await work
      expect(read('www/a.txt')).toBe(result)
    }
  })

  test('permissions change modes of what is installed, by pattern and except', async () => {
    revision(
      'one',
      `files:\n  - source: /bin\n    destination: ${home}/bin\npermissions:\n  - object: ${home}/bin\n    pattern: "*.sh"\n    except: [b.sh]\n    mode: "0640"\n    type: [file]\n`,
      { 'bin/a.sh': '', 'bin/b.sh': '', 'bin/sub/c.sh': '' },
    )
    await deploy('d-1', 'one')
    const mode = (path: string) => statSync(join(home, path)).mode & 0o777
    expect([mode('bin/a.sh'), mode('bin/b.sh'), mode('bin/sub/c.sh')]).toEqual([0o640, 0o755, 0o755])
  })

  test('two sources for one destination, and a source that is not there, are refused before anything is copied', async () => {
    revision(
      'one',
      `files:\n  - source: a/x\n    destination: ${home}/www\n  - source: b/x\n    destination: ${home}/www\n`,
      {
        'a/x': '1',
        'b/x': '2',
      },
    )
    expect((await failure(deploy('d-1', 'one'))).message).toContain('two source files named')
    expect(existsSync(join(home, 'www'))).toBe(false)
    revision('two', `files:\n  - source: missing\n    destination: ${home}/www\n`)
    expect((await failure(deploy('d-2', 'two'))).message).toContain('No such file or directory')
  })

  test('a missing appspec is told with the path where it was looked for', async () => {
    write('one/readme', '')
    expect((await failure(deploy('d-1', 'one'))).message).toContain('did not find an AppSpec file')
  })
})

describe('DownloadBundle', () => {
  const withBundle = async (bundle: string, bundleType: 'tar' | 'tgz' | 'zip') => {
    const agent = executor({ fetchBundle: async (_, file) => writeFileSync(file, readFileSync(join(home, bundle))) })
    await agent.execute('DownloadBundle', {
      ...spec('d-1', '.'),
      revision: { type: 'S3', bucket: 'b', key: bundle, bundleType },
    })
  }

  test.each([
    ['tar', 'tar -cf ../b -C ..  app'],
    ['tgz', 'tar -czf ../b .'],
    ['tar', 'tar -czf ../b .'],
  ] as const)(
    'unpacks %s made by "%s", modes and links kept, one leading directory stripped',
    async (type, command) => {
      revision('app', '', { 'bin/run.sh': 'x' })
      execFileSync('ln', ['-s', 'run.sh', join(home, 'app/bin/link')])
      execFileSync('sh', ['-c', command], { cwd: join(home, 'app') })
      await withBundle('b', type)
      const archive = join(home, 'root/group-1/d-1/deployment-archive')
      expect(readFileSync(join(archive, 'bin/link'), 'utf8')).toBe('x')
      expect(statSync(join(archive, 'bin/run.sh')).mode & 0o777).toBe(0o755)
      expect(existsSync(join(archive, 'appspec.yml'))).toBe(true)
      expect(read('root/deployment-instructions/group-1_most_recent_install')).toBe(join(home, 'root/group-1/d-1'))
    },
  )

  test('unpacks zip with modes', async () => {
    revision('app', '', { 'bin/run.sh': 'x' })
    execFileSync('python3', ['-c', ZIP, join(home, 'b.zip'), 'appspec.yml', 'bin/run.sh'], { cwd: join(home, 'app') })
    await withBundle('b.zip', 'zip')
    expect(statSync(join(home, 'root/group-1/d-1/deployment-archive/bin/run.sh')).mode & 0o777).toBe(0o755)
  })

  test.each([
    ['tar', TAR_WITH('../evil')],
    ['tar', TAR_WITH('a/../../evil')],
    ['zip', ZIP_WITH('../evil')],
  ] as const)('refuses a %s that leaves the directory', async (type, script) => {
    execFileSync('python3', ['-c', script, join(home, 'b')])
    expect(await failure(withBundle('b', type))).toMatchObject({ error_code: 5 })
    expect(existsSync(join(home, 'root/group-1/evil'))).toBe(false)
    expect(existsSync(join(home, 'root/group-1/d-1/evil'))).toBe(false)
  })

  test('a link inside the archive is never written through', async () => {
    execFileSync('python3', [
      '-c',
      `import tarfile,io,sys
t=tarfile.open(sys.argv[1],'w')
l=tarfile.TarInfo('out');l.type=tarfile.SYMTYPE;l.linkname=sys.argv[2];t.addfile(l)
f=tarfile.TarInfo('out/evil');f.size=1;t.addfile(f,io.BytesIO(b'x'));t.close()`,
      join(home, 'b'),
      join(home, 'outside'),
    ])
    mkdirSync(join(home, 'outside'))
    expect(await failure(withBundle('b', 'tar'))).toMatchObject({ error_code: 5 })
    expect(existsSync(join(home, 'outside/evil'))).toBe(false)
  })

  test.each(['tar', 'tgz', 'zip'] as const)('garbage instead of a %s is a sentence, not a crash', async type => {
    write('b', 'this is no archive '.repeat(100))
    expect((await failure(withBundle('b', type))).message).toContain('Error extracting')
  })

  test('keeps five revisions and never removes the last successful one', async () => {
    revision('app', '')
    const agent = executor()
    for (let id = 1; id <= 8; id++) {
      await agent.execute('DownloadBundle', spec(`d-${id}`, 'app'))
      if (id === 1) await agent.execute('Install', spec('d-1', 'app'))
    }
    const kept = ['d-1', 'd-2', 'd-3', 'd-4', 'd-5', 'd-6', 'd-7', 'd-8'].filter(id =>
      existsSync(join(home, 'root/group-1', id)),
    )
    expect(kept).toHaveLength(5)
    expect(kept).toContain('d-1')
    expect(kept).toContain('d-8')
  })

  test('ids that would leave the root are refused', async () => {
    expect(() => executor().isNoop('AfterInstall', { ...spec('..', 'app') })).toThrow('Not an id')
  })
})

const ZIP =
  'import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\n[z.write(f) for f in sys.argv[2:]]\nz.close()'
function TAR_WITH(name: string) {
  return `import tarfile,io,sys\nt=tarfile.open(sys.argv[1],'w');f=tarfile.TarInfo(${JSON.stringify(name)});f.size=1;t.addfile(f,io.BytesIO(b'x'));t.close()`
}
function ZIP_WITH(name: string) {
  return `import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1],'w');z.writestr(${JSON.stringify(name)},'x');z.close()`
}

describe('a local deployment', () => {
  test('runs all events in order and answers 0', async () => {
    const hook = (event: string) => `  ${event}:\n    - location: say.sh\n`
    revision(
      'app',
      `hooks:\n${['BeforeInstall', 'AfterInstall', 'ApplicationStart', 'ValidateService'].map(hook).join('')}`,
      {
        'say.sh': '#!/bin/sh\necho "at $LIFECYCLE_EVENT"\n',
      },
    )
    const lines: string[] = []
    const code = await deployLocally({
      directory: join(home, 'app'),
      root: join(home, 'root'),
      out: line => lines.push(line),
    })
    expect(code).toBe(0)
    expect(lines.filter(line => line.includes('[stdout]'))).toEqual([
      '  [stdout]at BeforeInstall',
      '  [stdout]at AfterInstall',
      '  [stdout]at ApplicationStart',
      '  [stdout]at ValidateService',
    ])
  })

  test('answers 1 at the first failure and says where', async () => {
    revision('app', 'hooks:\n  BeforeInstall:\n    - location: bad.sh\n', { 'bad.sh': '#!/bin/sh\nexit 3\n' })
    const lines: string[] = []
    expect(
      await deployLocally({ directory: join(home, 'app'), root: join(home, 'root'), out: line => lines.push(line) }),
    ).toBe(1)
    expect(lines.join('\n')).toContain('BeforeInstall: failed after')
    expect(lines.join('\n')).not.toContain('AfterInstall')
  })

  test('DownloadBundle and Install are always part of it, in that order', () => {
    expect(eventsOf()).toEqual(LOCAL_EVENTS)
    expect(eventsOf(['ApplicationStart'])).toEqual(['DownloadBundle', 'Install', 'ApplicationStart'])
    expect(eventsOf(['Install', 'DownloadBundle'])).toEqual(['DownloadBundle', 'Install'])
    expect(eventsOf(['Install', 'AfterInstall'])).toEqual(['DownloadBundle', 'Install', 'AfterInstall'])
  })
})

test('the log tail holds the newest entries of fewer than 2,048 characters', () => {
  const tail = createLogTail()
  for (let line = 0; line < 1000; line++) tail.add(`[stdout]line ${line}\n`)
  expect(tail.text().length).toBeLessThan(2048)
  expect(tail.text().endsWith('[stdout]line 999\n')).toBe(true)
  expect(diagnosticsOf(new ScriptError(4, 'm', 's', 'l'))).toBe(
    '{"error_code":4,"script_name":"s","message":"m","log":"l"}',
  )
})

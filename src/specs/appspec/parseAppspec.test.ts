import { describe, expect, test } from 'vitest'
import { matchesSimpleGlob } from './glob.ts'
import { parseAppspec } from './parseAppspec.ts'
import { parseAce, parseRange } from './permissionParts.ts'

const GOOD = `version: 0.0
os: linux
files:
  - source: /
    destination: /srv/app
permissions:
  - object: /srv/app
    pattern: "*.sh"
    except: [keep.sh]
    owner: root
    mode: 755
    type: [file]
hooks:
  ApplicationStop:
  BeforeInstall:
    - location: scripts/before.sh
      timeout: 30
      runas: deploy
  ApplicationStart:
    - location: scripts/start.sh
`
const errors = (text: string) =>
  parseAppspec(text)
    .diagnostics.filter(d => d.severity === 'error')
    .map(d => d.message)
const warnings = (text: string) =>
  parseAppspec(text)
    .diagnostics.filter(d => d.severity === 'warning')
    .map(d => `${d.line}:${d.column} ${d.message}`)

describe('an appspec of a host', () => {
  test('is read with defaults, and a null event is ignored', () => {
    const { appspec, diagnostics } = parseAppspec(GOOD)
    expect(diagnostics).toEqual([])
    expect(appspec).toMatchObject({
      platform: 'server',
      os: 'linux',
      files: [{ source: '/', destination: '/srv/app' }],
      permissions: [
        { object: '/srv/app', pattern: '*.sh', except: ['keep.sh'], owner: 'root', mode: '755', types: ['file'] },
      ],
    })
    if (appspec?.platform !== 'server') throw new Error('not a host')
    expect([...appspec.hooks.keys()]).toEqual(['BeforeInstall', 'ApplicationStart'])
    expect(appspec.hooks.get('BeforeInstall')).toEqual([
      { location: 'scripts/before.sh', runas: 'deploy', sudo: false, timeout: 30 },
    ])
    expect(appspec.hooks.get('ApplicationStart')?.[0]?.timeout).toBe(3600)
  })

  test.each([
    ['version: 0\nos: linux\n', true],
    ['version: 0.00\nos: linux\n', true],
    ['version: "0.0"\nos: linux\n', false],
    ['version: 1.0\nos: linux\n', false],
    ['os: linux\n', false],
  ])('accepts the version of %j: %s', (text, accepted) => {
    expect(errors(text).length === 0).toBe(accepted)
  })

  test('reports every error with its place, in the order of the agent', () => {
    const { appspec, diagnostics } = parseAppspec(
      'version: 0.0\nos: beos\nhooks:\n  BeforeInstall:\n    - timeout: 3\nfiles:\n  - source: a\nfile_exists_behavior: overwrite\n',
      'x/appspec.yml',
    )
    expect(appspec).toBeUndefined()
    expect(diagnostics.map(d => `${d.file}:${d.line}:${d.column} ${d.message.slice(0, 75)}`)).toEqual([
      'x/appspec.yml:2:5 The deployment failed because the application specification file specifies ',
      'x/appspec.yml:5:7 The deployment failed because the application specification file specifies ',
      'x/appspec.yml:7:5 The deployment failed because the application specification file specifies ',
      'x/appspec.yml:8:23 The deployment failed because an invalid file_exists_behavior value (overwr',
    ])
  })

  test('an unquoted 0644 is the octal number 420, as the agent reads it, with a warning', () => {
    const text =
      'version: 0.0\nos: linux\npermissions:\n  - object: /a\n    mode: 0644\n  - object: /b\n    mode: "0644"\n'
    const { appspec } = parseAppspec(text)
    expect(appspec?.platform === 'server' && appspec.permissions.map(p => p.mode)).toEqual(['420', '0644'])
    expect(warnings(text)).toEqual([expect.stringContaining('5:11 without quotes YAML reads 0644')])
  })

  test.each([['9'], ['"00644"'], ['"rwx"']])('refuses the mode %s', mode => {
    expect(errors(`version: 0.0\nos: linux\npermissions:\n  - object: /a\n    mode: ${mode}\n`)).toHaveLength(1)
  })

  test('warns of unknown keys, unknown events and timeouts beyond an hour', () => {
    expect(
      warnings(
        'version: 0.0\nos: linux\nextra: 1\nfiles:\n  - source: a\n    destination: /b\n    overwrite: true\nhooks:\n  BeforInstall:\n    - location: x\n  AfterInstall:\n    - location: x\n    - location: y\n',
      ),
    ).toEqual([
      '3:1 extra is not a key of an appspec; it is ignored',
      expect.stringContaining('10:5 BeforInstall is not a lifecycle event'),
      expect.stringContaining('the timeouts of AfterInstall add up to 7200 seconds'),
      expect.stringContaining('7:5 overwrite is not a key of a file'),
    ])
  })

  test.each([
    ['', 'was empty'],
    ['- a\n', 'must be a map'],
    ['a: [\n', ''],
    ['\t\tversion: 0', ''],
    ['a: &a [*a, *a]\n', ''],
  ])('answers the bad file %j with an error', (text, part) => {
    expect(errors(text)[0]).toContain(part)
  })

  test('permissions are refused for Windows, a Windows file without them is fine', () => {
    expect(errors('version: 0.0\nos: windows\npermissions:\n  - object: c\n')).toEqual([
      expect.stringContaining('Windows Server'),
    ])
    expect(errors('version: 0.0\nos: windows\n')).toEqual([])
  })
})

describe('an appspec of Lambda or ECS', () => {
  test('is recognised and checked', () => {
    const lambda = `version: 0.0
Resources:
  - fn:
      Type: AWS::Lambda::Function
      Properties: { Name: f, Alias: live, CurrentVersion: 1, TargetVersion: 2 }
Hooks:
  - BeforeAllowTraffic: check
`
    expect(parseAppspec(lambda).appspec).toEqual({
      platform: 'lambda',
      hooks: new Map([['BeforeAllowTraffic', 'check']]),
    })
    expect(errors(lambda.replace('Alias: live, ', ''))).toEqual(['the property Alias is missing.'])
    const ecs = `{"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "t", "LoadBalancerInfo": {}}}}]}`
    expect(parseAppspec(ecs).appspec).toEqual({ platform: 'ecs', hooks: new Map() })
  })
})

describe('the parts of permissions', () => {
  test.each([
    ['u:alice:rw', { isDefault: false, type: 'user', name: 'alice', rights: 'rw-' }],
    ['alice:7', { isDefault: false, type: 'user', name: 'alice', rights: 'rwx' }],
    ['d:g:staff:r-x', { isDefault: true, type: 'group', name: 'staff', rights: 'r-x' }],
    ['m:rw', { isDefault: false, type: 'mask', name: '', rights: 'rw-' }],
    ['default:u::5', { isDefault: true, type: 'user', name: '', rights: 'r-x' }],
  ])('reads the access control entry %s', (text, ace) => {
    expect(parseAce(text)).toEqual(ace)
  })
  test.each(['x', 'u::rw', 'd:d:u:a:rw', 'z:a:r', 'u:a:q'])('refuses the access control entry %s', text => {
    expect(() => parseAce(text)).toThrow('The deployment failed because')
  })
  test('normalises SELinux ranges', () => {
    expect(parseRange('s0-s0:c3,c0.c2,c7')).toBe('s0:c0.c3,c7')
    expect(() => parseRange('s2-s1')).toThrow('SELinux range')
    expect(() => parseRange('s0:c1024')).toThrow('invalid category c1024')
  })
  test.each([
    ['a.sh', '*.sh', true],
    ['a/b.sh', '*.sh', false],
    ['abcabc', 'a*bc', true],
    ['abcabd', 'a*bc', false],
    ['a', '', false],
    ['', '*', true],
    ['x', '**', true],
  ])('%s matches %s: %s', (name, pattern, matches) => {
    expect(matchesSimpleGlob(name, pattern)).toBe(matches)
  })
})

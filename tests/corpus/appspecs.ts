// Appspecs with the traits of those that people have in public repositories, each written for this table.

export interface AppspecCase {
  readonly trait: string
  readonly text: string
  readonly read?: object
  readonly error?: string
  readonly warns?: string
}

const server = (lines: string) => `version: 0.0\nos: linux\n${lines}`
const script = (lines: string) => server(`hooks:\n  AfterInstall:\n    - location: a.sh\n${lines}`)
const file = (source: string, destination: string) => ({ files: [{ source, destination }] })

export const READ: readonly AppspecCase[] = [
  {
    trait: 'the whole revision as a dot',
    text: server('files:\n  - source: .\n    destination: /srv/app\n'),
    read: file('.', '/srv/app'),
  },
  {
    trait: 'the whole revision as a slash',
    text: server('files:\n  - source: /\n    destination: /srv/app/\n'),
    read: file('/', '/srv/app/'),
  },
  {
    trait: 'a folder with a dot and a slash',
    text: server('files:\n  - source: ./dist\n    destination: /srv\n'),
    read: file('./dist', '/srv'),
  },
  {
    trait: 'a name with blanks and letters that are not ASCII',
    text: server('files:\n  - source: "über uns"\n    destination: /srv/x y\n'),
    read: file('über uns', '/srv/x y'),
  },
  {
    trait: 'Windows',
    text: 'version: 0.0\nos: windows\nfiles:\n  - source: \\a\n    destination: c:\\inetpub\\wwwroot\n',
    read: { os: 'windows', files: [{ source: '\\a', destination: 'c:\\inetpub\\wwwroot' }] },
  },
  {
    trait: 'a key of a file that is not there',
    text: server('files:\n  - source: a\n    destination: /b\n    overwrite: true\n'),
    read: file('a', '/b'),
    warns: 'overwrite is not a key of a file',
  },
  {
    trait: 'file_exists_behavior',
    text: server('file_exists_behavior: OVERWRITE\n'),
    read: { fileExistsBehavior: 'OVERWRITE' },
  },
  { trait: 'no files and no hooks', text: server(''), read: { files: [], permissions: [] } },
  { trait: 'files and hooks without values', text: server('files:\nhooks:\n'), read: { files: [] } },
  {
    trait: 'an event without scripts',
    text: server('hooks:\n  ApplicationStop:\n  AfterInstall:\n    - location: a.sh\n'),
    read: { platform: 'server' },
  },
  {
    trait: 'an event that there is not',
    text: server('hooks:\n  ApplicationRun:\n    - location: a.sh\n'),
    warns: 'ApplicationRun is not a lifecycle event',
    read: {},
  },
  {
    trait: "the agent's own event",
    text: server('hooks:\n  Install:\n    - location: a.sh\n'),
    warns: "Install is the agent's own event",
    read: {},
  },
  {
    trait: 'events at the top',
    text: server('ApplicationStart:\n  - location: a.sh\n'),
    warns: 'ApplicationStart is not a key of an appspec',
    read: {},
  },
  {
    trait: 'a long timeout',
    text: script('      timeout: 7200\n'),
    warns: 'the event ends after 3600 seconds',
    read: {},
  },
  { trait: 'a timeout in quotes and runas', text: script(`      timeout: '300'\n      runas: root\n`), read: {} },
  {
    trait: 'a key of a script that is not there',
    text: script('      commands: [x]\n'),
    warns: 'commands is not a key of a script',
    read: {},
  },
  {
    trait: 'permissions with blanks before the colon',
    text: server('permissions:\n  - object: /srv\n    pattern : "**"\n    mode : 755\n    owner : me\n'),
    read: { permissions: [{ object: '/srv', pattern: '**', mode: '755', owner: 'me' }] },
  },
  {
    trait: 'a mode as an octal number',
    text: server('permissions:\n  - object: /srv\n    mode: 0755\n'),
    read: { permissions: [{ mode: '493' }] },
    warns: 'octal',
    error: 'contains an invalid character (9)',
  },
  {
    trait: 'permissions by type',
    text: server('permissions:\n  - object: /srv\n    type:\n      - directory\n    except: [a]\n    group: g\n'),
    read: { permissions: [{ types: ['directory'], except: ['a'], group: 'g' }] },
  },
  {
    trait: 'owners that are booleans of other languages',
    text: server('permissions:\n  - object: /srv\n    owner: y\n    group: n\n'),
    read: { permissions: [{ owner: 'y', group: 'n' }] },
  },
  {
    trait: 'a key twice',
    text: 'version: 0.0\nos: windows\nos: linux\n',
    read: { os: 'linux' },
    warns: 'the key os is given twice',
  },
  {
    trait: 'anchors and merge keys',
    text: server('hooks:\n  BeforeInstall: &s\n    - location: a.sh\n      timeout: 10\n  AfterInstall: *s\n'),
    read: {},
  },
  {
    trait: 'JSON',
    text: '{"version": 0.0, "os": "linux", "files": [{"source": "a", "destination": "/b"}]}',
    read: file('a', '/b'),
  },
  {
    trait: 'a Lambda function',
    text: 'version: 0.0\nResources:\n  - f:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: f\n        Alias: live\n        CurrentVersion: 1\n        TargetVersion: 2\nHooks:\n  - BeforeAllowTraffic: check\n',
    read: { platform: 'lambda' },
  },
  {
    trait: 'an Amazon ECS service',
    text: 'version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: web\n          ContainerPort: 80\n',
    read: { platform: 'ecs' },
  },
]

export const REFUSED: readonly AppspecCase[] = [
  {
    trait: 'an empty file',
    text: '',
    error: 'The deployment failed because the application specification file was empty',
  },
  { trait: 'version 0.1', text: 'version: 0.1\nos: linux\n', error: 'invalid version value (0.1)' },
  { trait: 'no version', text: 'os: linux\n', error: 'invalid version value ()' },
  { trait: 'another system', text: 'version: 0.0\nos: ubuntu\n', error: 'unsupported operating system (ubuntu)' },
  {
    trait: 'a file without a destination',
    text: server('files:\n  - source: a\n'),
    error: 'specifies only a source file (a)',
  },
  {
    trait: 'a file without a source',
    text: server('files:\n  - destination: /a\n'),
    error: 'specifies a destination file, but no source file',
  },
  {
    trait: 'a script that is split into two items',
    text: script('    - timeout: 10\n'),
    error: 'specifies a script with no location value',
  },
  { trait: 'a timeout that is no number', text: script('      timeout: soon\n'), error: 'an invalid timeout value' },
  {
    trait: 'hooks as a list',
    text: server('hooks:\n  - AfterInstall:\n      - location: a.sh\n'),
    error: 'hooks must be a map',
  },
  {
    trait: 'a line without its dash',
    text: server('files:\n  - source: a\n    destination: /b\n  x\n'),
    error: 'at line',
  },
  {
    trait: 'permissions on Windows',
    text: 'version: 0.0\nos: windows\npermissions:\n  - object: c:\\a\n',
    error: 'Permissions are supported only for Amazon Linux',
  },
]

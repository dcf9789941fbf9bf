// The appspec of a host, with the agent's order of checks and its texts [application_specification.rb].

import {
  type FileExistsBehavior,
  type FileMapping,
  HOOK_EVENTS,
  type Permission,
  type Script,
  type SecurityContext,
  type ServerAppspec,
} from './appspec.ts'
import { AppspecError, parseAce, parseMode, parseRange } from './permissionParts.ts'
import type { Path, Reader } from './reader.ts'

type YamlMap = Record<string, unknown>

const BEHAVIORS: readonly FileExistsBehavior[] = ['DISALLOW', 'OVERWRITE', 'RETAIN']
const MAXIMUM_SECONDS_OF_AN_EVENT = 3600

export function readServer(reader: Reader, root: YamlMap): ServerAppspec {
  reader.unknownKeys([], ['version', 'os', 'files', 'permissions', 'hooks', 'file_exists_behavior'], 'an appspec')
  checkVersion(reader, root.version)
  const os = root.os
  if (os !== 'linux' && os !== 'windows') {
    reader.error(
      ['os'],
      `The deployment failed because the application specification file specifies an unsupported operating system (${text(os)}). Specify either "linux" or "windows" in the os section of the AppSpec file, and then try again.`,
    )
  }
  const hooks = readHooks(reader, root.hooks)
  const files = list(reader, ['files'], root.files).map(([path, value]) => readFile(reader, path, value))
  const permissions = list(reader, ['permissions'], root.permissions).map(([path, value]) =>
    readPermission(reader, path, value, os === 'windows'),
  )
  const behavior = root.file_exists_behavior ?? undefined
  if (behavior !== undefined && !BEHAVIORS.includes(behavior as FileExistsBehavior)) {
    reader.error(
      ['file_exists_behavior'],
      `The deployment failed because an invalid file_exists_behavior value (${text(behavior)}) was entered in the application specification file. Make sure your AppSpec file specifies one of ${BEHAVIORS.join(',')} as the file_exists_behavior, and then try again.`,
    )
  }
  return {
    platform: 'server',
    os: os as ServerAppspec['os'],
    files,
    permissions,
    hooks,
    ...(behavior === undefined ? {} : { fileExistsBehavior: behavior as FileExistsBehavior }),
  }
}

/** Also for the appspecs of Lambda and ECS. */
export function checkVersion(reader: Reader, version: unknown): void {
  if (version === 0) return // 0, 0.0 and 0.00 are equal; a quoted "0.0" is refused, as the agent does
  reader.error(
    ['version'],
    `The deployment failed because an invalid version value (${text(version)}) was entered in the application specification file. Make sure your AppSpec file specifies "0.0" as the version, and then try again.`,
  )
}

function readHooks(reader: Reader, hooks: unknown): ReadonlyMap<string, readonly Script[]> {
  const read = new Map<string, readonly Script[]>()
  if (hooks === undefined || hooks === null || hooks === false) return read
  if (!isMap(hooks)) {
    reader.error(['hooks'], 'hooks must be a map from lifecycle events to lists of scripts.')
    return read
  }
  for (const [event, scripts] of Object.entries(hooks)) {
    if (!(HOOK_EVENTS as readonly string[]).includes(event)) reader.warning(['hooks', event], notRun(event))
    if (scripts === null || scripts === false) continue
    const ofEvent = list(reader, ['hooks', event], scripts).map(([path, script]) => readScript(reader, path, script))
    const seconds = ofEvent.reduce((sum, script) => sum + script.timeout, 0)
    if (ofEvent.length > 1 && seconds > MAXIMUM_SECONDS_OF_AN_EVENT) {
      reader.warning(
        ['hooks', event],
        `the timeouts of ${event} add up to ${seconds} seconds; the event ends after ${MAXIMUM_SECONDS_OF_AN_EVENT}`,
      )
    }
    read.set(event, ofEvent)
  }
  return read
}

const notRun = (event: string) =>
  event === 'Install' || event === 'DownloadBundle'
    ? `${event} is the agent's own event; its scripts never run`
    : `${event} is not a lifecycle event; its scripts never run`

function readScript(reader: Reader, path: Path, script: unknown): Script {
  if (!isMap(script) || text(script.location).trim() === '') {
    reader.error(
      path,
      'The deployment failed because the application specification file specifies a script with no location value. Specify the location in the hooks section of the AppSpec file, and then try again.',
    )
    return { location: '', sudo: false, timeout: 3600 }
  }
  reader.unknownKeys(path, ['location', 'timeout', 'runas', 'sudo'], 'a script')
  const timeout = script.timeout === undefined || script.timeout === null ? 3600 : toInteger(script.timeout)
  if (timeout <= 0) {
    reader.error(
      [...path, 'timeout'],
      'The deployment failed because an invalid timeout value was provided for a script in the application specification file. Make corrections in the hooks section of the AppSpec file, and then try again.',
    )
  } else if (timeout > MAXIMUM_SECONDS_OF_AN_EVENT) {
    reader.warning(
      [...path, 'timeout'],
      `the event ends after ${MAXIMUM_SECONDS_OF_AN_EVENT} seconds whatever the timeout`,
    )
  }
  const runas = script.runas === undefined || script.runas === null ? undefined : text(script.runas).trim()
  return {
    location: text(script.location).trim(),
    ...(runas === undefined ? {} : { runas }),
    sudo: script.sudo !== undefined && script.sudo !== null && script.sudo !== false,
    timeout,
  }
}

/** Ruby's to_i: the digits in front, else 0. */
const toInteger = (value: unknown) => Math.trunc(Number(/^\s*[-+]?[0-9]+/.exec(text(value))?.[0] ?? 0))

function readFile(reader: Reader, path: Path, mapping: unknown): FileMapping {
  const { source, destination } = isMap(mapping) ? mapping : { source: undefined, destination: undefined }
  if (source === undefined || source === null) {
    reader.error(
      path,
      'The deployment failed because the application specification file specifies a destination file, but no source file. Update the files section of the AppSpec file, and then try again.',
    )
  } else if (destination === undefined || destination === null) {
    reader.error(
      path,
      `The deployment failed because the application specification file specifies only a source file (${text(source)}). Add the name of the destination file to the files section of the AppSpec file, and then try again.`,
    )
  } else {
    if (typeof source !== 'string') reader.error([...path, 'source'], 'source must be text; put it in quotes.')
    if (typeof destination !== 'string')
      reader.error([...path, 'destination'], 'destination must be text; put it in quotes.')
  }
  reader.unknownKeys(path, ['source', 'destination'], 'a file (nothing else can be said for a single file)')
  return { source: text(source), destination: text(destination) }
}

const PERMISSION_KEYS = ['object', 'pattern', 'except', 'owner', 'group', 'mode', 'acls', 'context', 'type']

function readPermission(reader: Reader, path: Path, permission: unknown, windows: boolean): Permission {
  const empty: Permission = { object: '', pattern: '**', except: [], types: ['file', 'directory'] }
  if (!isMap(permission) || text(permission.object).trim() === '') {
    reader.error(
      path,
      'The deployment failed because a permission listed in the application specification file has no object value. Update the permissions section of the AppSpec file, and then try again.',
    )
    return empty
  }
  if (windows) {
    reader.error(
      path,
      'The deployment failed because the application specification file specifiles file permissions, but the deployment is targeting one or more Windows Server instances. Permissions are supported only for Amazon Linux, Ubuntu Server, and Red Hat Enterprise Linux (RHEL) instances. Update the permissions section of the AppSpec file, and then try again.',
    )
    return empty
  }
  reader.unknownKeys(path, PERMISSION_KEYS, 'a permission')
  const given = (key: string) => permission[key] !== undefined && permission[key] !== null
  /** Reads one part; what it throws is reported where the part stands. */
  const part = <T>(key: string, read: (value: any) => T): T | undefined => {
    if (!given(key)) return undefined
    try {
      return read(permission[key])
    } catch (error) {
      if (!(error instanceof AppspecError)) throw error
      reader.error([...path, key], error.message)
      return undefined
    }
  }
  warnOfOctal(reader, [...path, 'mode'], permission.mode)
  const mode = part('mode', parseMode)
  const acls = part('acls', (value: unknown) => strings(reader, [...path, 'acls'], value).map(ace => parseAce(ace)))
  const context = part('context', readContext)
  return {
    object: text(permission.object).trim(),
    pattern: given('pattern') ? text(permission.pattern) : '**',
    except: strings(reader, [...path, 'except'], permission.except),
    types: readTypes(reader, [...path, 'type'], permission.type),
    ...(given('owner') ? { owner: text(permission.owner) } : {}),
    ...(given('group') ? { group: text(permission.group) } : {}),
    ...(mode === undefined ? {} : { mode }),
    ...(acls === undefined ? {} : { acls }),
    ...(context === undefined ? {} : { context }),
  }
}

function warnOfOctal(reader: Reader, path: Path, mode: unknown): void {
  const source = typeof mode === 'number' ? reader.source(path) : undefined
  if (source !== undefined && /^0[0-7]+$/.test(source) && source !== String(mode)) {
    reader.warning(
      path,
      `without quotes YAML reads ${source} as the octal number ${mode}, and the mode becomes ${mode}; write "${source}"`,
    )
  }
}

function readTypes(reader: Reader, path: Path, types: unknown): Permission['types'] {
  if (types === undefined || types === null) return ['file', 'directory']
  return strings(reader, path, types).map(type => {
    if (type !== 'file' && type !== 'directory') {
      reader.error(
        path,
        `The deployment failed because the application specification filespecifies a permission for an object type not supported for permissions (${type}). Update the permissions section of the AppSpec file, and then try again.`,
      )
    }
    return type as 'file' | 'directory'
  })
}

function readContext(context: unknown): SecurityContext {
  if (!isMap(context) || context.type === undefined || context.type === null) {
    throw new AppspecError(
      `The deployment failed because the application specification file specifies an invalid context type (${JSON.stringify(context)}). Update the permissions section of the AppSpec file, and then try again.`,
    )
  }
  return {
    ...(context.name === undefined || context.name === null ? {} : { user: text(context.name) }),
    type: text(context.type),
    ...(context.range === undefined || context.range === null ? {} : { range: parseRange(text(context.range)) }),
  }
}

function list(reader: Reader, path: Path, value: unknown): [Path, unknown][] {
  if (value === undefined || value === null || value === false) return []
  if (!Array.isArray(value)) {
    reader.error(path, `${path.join('.')} must be a list.`)
    return []
  }
  return value.map((item, index) => [[...path, index], item])
}

const strings = (reader: Reader, path: Path, value: unknown) => list(reader, path, value).map(([, item]) => text(item))

export function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

// What an application specification says once it is read: the shape that the agent acts on, and what a reader found wrong.

export type FileExistsBehavior = 'DISALLOW' | 'OVERWRITE' | 'RETAIN'

/** An appspec for hosts (EC2 and on-premises). */
export interface ServerAppspec {
  readonly platform: 'server'
  readonly os: 'linux' | 'windows'
  readonly files: readonly FileMapping[]
  readonly permissions: readonly Permission[]
  /** Scripts by lifecycle event, in the order in which they run. Unknown events are kept; nothing runs them. */
  readonly hooks: ReadonlyMap<string, readonly Script[]>
  readonly fileExistsBehavior?: FileExistsBehavior
}

/** An appspec of Lambda or Amazon ECS: recognised and checked, not deployed. */
export interface ServerlessAppspec {
  readonly platform: 'lambda' | 'ecs'
  /** Function of each hooked lifecycle event. */
  readonly hooks: ReadonlyMap<string, string>
}

export type Appspec = ServerAppspec | ServerlessAppspec

export interface FileMapping {
  readonly source: string
  readonly destination: string
}

export interface Script {
  /** Relative to the revision's root. */
  readonly location: string
  readonly runas?: string
  readonly sudo: boolean
  /** Seconds. */
  readonly timeout: number
}

export interface Permission {
  readonly object: string
  /** `**` or a glob of one level. */
  readonly pattern: string
  readonly except: readonly string[]
  readonly types: readonly ('file' | 'directory')[]
  readonly owner?: string
  readonly group?: string
  /** Three or four octal digits. */
  readonly mode?: string
  readonly acls?: readonly AccessControlEntry[]
  readonly context?: SecurityContext
}

/** One entry of `acls`, for example `default:user:alice:rwx`. */
export interface AccessControlEntry {
  readonly isDefault: boolean
  readonly type: 'user' | 'group' | 'mask' | 'other'
  readonly name: string
  /** `rwx`, a dash for each that is missing. */
  readonly rights: string
}

/** An SELinux context. */
export interface SecurityContext {
  readonly user?: string
  readonly type: string
  /** Normalised, for example `s0-s1:c0.c3,c7`. */
  readonly range?: string
}

/** Events whose scripts an agent runs; DownloadBundle and Install are its own. */
export const HOOK_EVENTS = [
  'BeforeBlockTraffic',
  'AfterBlockTraffic',
  'ApplicationStop',
  'BeforeInstall',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
] as const

/** `default:user:alice:rwx`, as setfacl takes it. */
export function formatAce(ace: AccessControlEntry): string {
  return `${ace.isDefault ? 'default:' : ''}${ace.type}:${ace.name}:${ace.rights}`
}

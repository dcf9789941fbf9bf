// What can go wrong with a sandbox itself, as opposed to a command inside of it that fails: a code to switch on, a text for the build's log.

export type SandboxErrorCode =
  /** `get` of a path that is not there. */
  | 'ENOENT'
  /** A path or an archive entry that leaves where it belongs, or a device. */
  | 'EUNSAFE'
  /** The sandbox was destroyed, or nothing of it is left. */
  | 'DESTROYED'
  /** The command's user does not exist in the sandbox, or can not be taken on. */
  | 'UNKNOWN_USER'
  /** The image is neither on the engine nor to be had. */
  | 'NO_IMAGE'
  /** This kind of sandbox can not be used on this machine now. */
  | 'UNAVAILABLE'
  /** The command's supervisor was killed before it could say how the command ended. */
  | 'LOST'
  /** A name, path or command that no sandbox takes. */
  | 'INVALID'
  /** The engine refused or failed, in its own words. */
  | 'ENGINE'

export class SandboxError extends Error {
  override readonly name = 'SandboxError'
  readonly code: SandboxErrorCode

  constructor(code: SandboxErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** True for a SandboxError, of `code` when one is given. */
export function isSandboxError(error: unknown, code?: SandboxErrorCode): error is SandboxError {
  return error instanceof SandboxError && (code === undefined || error.code === code)
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/

/** Sandbox names and run ids become file and container names: letters, digits, `_.-`, at most 100. */
export function checkName(what: string, name: string): string {
  if (!NAME.test(name)) throw new SandboxError('INVALID', `${what} ${JSON.stringify(name)} must match ${NAME.source}`)
  return name
}

/** A command that can be handed to a kernel: at least a program, no NUL bytes, an absolute directory. */
export function checkCommand(command: {
  argv: readonly string[]
  cwd?: string
  env?: Readonly<Record<string, string>>
}) {
  const { argv, cwd, env = {} } = command
  if (argv.length === 0 || argv[0] === '') throw new SandboxError('INVALID', 'a command needs a program')
  if (argv.some(part => part.includes('\0'))) throw new SandboxError('INVALID', 'an argument contains a NUL byte')
  if (cwd !== undefined) checkPath(cwd)
  for (const [key, value] of Object.entries(env)) {
    if (key === '' || /[=\0]/.test(key) || value.includes('\0')) {
      throw new SandboxError('INVALID', `the environment variable ${JSON.stringify(key)} can not be passed on`)
    }
    // A string of the environment is at most 32 pages in Linux; execve says no more than E2BIG.
    if (Buffer.byteLength(key) + Buffer.byteLength(value) + 2 > 131_072) {
      throw new SandboxError('INVALID', `the environment variable ${key} is longer than the 131,072 bytes Linux allows`)
    }
  }
  const long = argv.find(part => Buffer.byteLength(part) + 1 > 131_072)
  if (long !== undefined) {
    throw new SandboxError(
      'INVALID',
      `an argument is longer than the 131,072 bytes Linux allows: ${long.slice(0, 40)}...`,
    )
  }
}

/** An absolute path without `..` inside. */
export function checkPath(path: string): string {
  if (!path.startsWith('/') || path.includes('\0')) throw new SandboxError('INVALID', `${path} is not an absolute path`)
  if (path.split('/').includes('..')) throw new SandboxError('EUNSAFE', `${path} contains ..`)
  return path
}

// How git reaches and convinces a server: everything by environment variables, since a command line is seen by every user of the machine.

export interface GitAccess {
  /** URLs that begin with the first are fetched from the second. */
  readonly rewrites: readonly (readonly [from: string, to: string])[]
  /** User and password for URLs below `base`, asked for by a server that wants them; other servers never get them. */
  readonly login?: { readonly base: string; readonly username: string; readonly password: string }
  /** A header for URLs below the first. */
  readonly headers?: readonly (readonly [url: string, header: string])[]
  /** Certificates are not looked at. */
  readonly insecure?: boolean
  /** Repositories of this machine may be fetched from. */
  readonly local?: boolean
}

/** What git is configured with, by key. */
function settingsOf(access: GitAccess): (readonly [string, string])[] {
  return [
    ['core.hooksPath', '/dev/null'],
    ['gc.auto', '0'],
    ['advice.detachedHead', 'false'],
    ['credential.helper', ''],
    // A server that says nothing any more ends the download.
    ['http.lowSpeedLimit', '100'],
    ['http.lowSpeedTime', '120'],
    ...access.rewrites.map(([from, to]) => [`url.${to}.insteadOf`, from] as const),
    ...(access.headers ?? []).flatMap(([url, header]) => [
      [`http.${url}.extraHeader`, header] as const,
      [`http.${url}.followRedirects`, 'false'] as const,
    ]),
    ...(access.login ? [[`credential.${access.login.base}.helper`, HELPER] as const] : []),
  ]
}

/**
 * The environment of git with nothing of the machine's or the user's configuration. `home` is a directory that git may look into.
 * Git takes variables with configuration away from what it starts for submodules: then the configuration is in a file.
 */
export function gitEnvironment(access: GitAccess, home: string, configFile?: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    HOME: home,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: configFile ?? '/dev/null',
    GIT_TEMPLATE_DIR: '',
    GIT_ALLOW_PROTOCOL: access.local ? 'http:https:file' : 'http:https',
    GIT_NO_REPLACE_OBJECTS: '1',
    ...(access.insecure && { GIT_SSL_NO_VERIFY: '1' }),
    ...(access.login && { CODEYARD_GIT_USER: access.login.username, CODEYARD_GIT_PASSWORD: access.login.password }),
    ...(configFile === undefined && configVariables(settingsOf(access))),
  }
}

/** The text of a configuration file for gitEnvironment: for its owner's eyes only. */
export function configText(access: GitAccess): string {
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`
  return settingsOf(access)
    .map(([key, value]) => {
      const [first, last] = [key.indexOf('.'), key.lastIndexOf('.')]
      const section =
        first === last ? key.slice(0, first) : `${key.slice(0, first)} ${quoted(key.slice(first + 1, last))}`
      return `[${section}]\n\t${key.slice(last + 1)} = ${quoted(value)}\n`
    })
    .join('')
}

/** A credential helper of one line: the secrets are in variables, not in it. */
const HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$CODEYARD_GIT_USER" "$CODEYARD_GIT_PASSWORD"; }; f`

/** Git's configuration as variables, behind the `from` that are there already. */
export function configVariables(settings: readonly (readonly [string, string])[], from = 0): Record<string, string> {
  return {
    GIT_CONFIG_COUNT: String(from + settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${from + at}`, key] as const,
        [`GIT_CONFIG_VALUE_${from + at}`, value] as const,
      ]),
    ),
  }
}

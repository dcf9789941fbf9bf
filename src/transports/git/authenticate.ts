// Who is at git's HTTP door: a signature made by the aws CLI's credential helper or by git-remote-codecommit, or the user name
// and password of an IAM service-specific credential; all three arrive as Basic authentication.

import type { Config } from '../../core/config.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import type { Principal } from '../../operation/principal.ts'
import { isGitSignature, verifyGitPassword } from '../../protocol/sigv4/gitPassword.ts'
import { regionOfHost, regionsToTry } from './regions.ts'

export interface Login {
  readonly authorization: string | undefined
  /** The Host header. */
  readonly host: string
  /** `/v1/repos/NAME` */
  readonly path: string
  readonly now: Date
}

export type Authentication =
  | { readonly kind: 'known'; readonly principal: Principal; readonly region: string }
  /** 401: git asks for (other) credentials. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** 403: asking again is of no use. */
  | { readonly kind: 'refused'; readonly why: string }

export async function authenticate(login: Login, identity: IdentityDirectory, config: Config): Promise<Authentication> {
  const basic = readBasic(login.authorization)
  if (!basic) {
    return {
      kind: 'unknown',
      why: 'Credentials are needed: the aws CLI credential helper, git-remote-codecommit or HTTPS Git credentials of an IAM user.',
    }
  }
  if (isGitSignature(basic.password)) return bySignature(login, basic, identity, config)
  const principal = await identity.findServiceCredential('codecommit.amazonaws.com', basic.userName, basic.password)
  if (!principal) {
    return { kind: 'unknown', why: 'The user name or password of the HTTPS Git credentials is not valid.' }
  }
  return { kind: 'known', principal, region: regionOfHost(login.host) ?? config.region }
}

interface Basic {
  readonly userName: string
  readonly password: string
}

async function bySignature(
  { host, path, now }: Login,
  { userName, password }: Basic,
  identity: IdentityDirectory,
  config: Config,
): Promise<Authentication> {
  const verified = await verifyGitPassword(
    { userName, password, path, host, regions: regionsToTry(host, config.region), now },
    (accessKeyId, token) => identity.findCredential(accessKeyId, token),
  )
  // AWS: a signature that is wrong or too old is answered with 403 [troubleshooting-ch].
  if (!verified.ok) return { kind: 'refused', why: `The Git credentials were refused: ${verified.why}.` }
  const { principal, region, accessKeyId } = verified
  identity.used?.(principal, accessKeyId, 'codecommit', region)
  return { kind: 'known', principal, region }
}

function readBasic(header: string | undefined): Basic | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { userName: text.slice(0, colon), password: text.slice(colon + 1) }
}

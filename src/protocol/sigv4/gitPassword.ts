// The password that git-remote-codecommit and the aws CLI's credential helper make: a SigV4 signature over the repository's path and host.

import { readAmzDate, sameText, signingKey, signText, stringToSign } from './signature.ts'
import type { FindCredential } from './verifyRequest.ts'

export interface GitPassword {
  /** `AKID`, or `AKID%TOKEN` for temporary credentials. */
  readonly userName: string
  /** `20150830T123600Z` followed by the hex signature. */
  readonly password: string
  /** `/v1/repos/NAME`, as in the URL that git was given. */
  readonly path: string
  /** The Host header, with or without its port. */
  readonly host: string
  /** Regions to try, the likeliest first: neither side sends the region. */
  readonly regions: readonly string[]
  readonly now: Date
}

export type GitVerified<P> =
  | { readonly ok: true; readonly principal: P; readonly region: string; readonly accessKeyId: string }
  | { readonly ok: false; readonly why: string }

const SKEW = 15 * 60_000

/** True for a password of this form; others are those of service-specific credentials. */
export function isGitSignature(password: string): boolean {
  return /^\d{8}T\d{6}Z[0-9a-f]{64}$/.test(password)
}

/** Says who signed and for which region, or why not in words that a person reads in git's output. */
export async function verifyGitPassword<P>(
  login: GitPassword,
  findCredential: FindCredential<P>,
): Promise<GitVerified<P>> {
  const refuse = (why: string) => ({ ok: false, why }) as const
  if (!isGitSignature(login.password)) return refuse('the password is not a CodeCommit signature')
  const dateTime = login.password.slice(0, 16)
  const signature = login.password.slice(16)
  const signedTime = dateTime.slice(0, 15) // AWS: the clients sign the time without its Z and send it with one
  const date = readAmzDate(dateTime)
  if (!date) return refuse('the password does not start with a time')
  if (Math.abs(login.now.getTime() - date.getTime()) > SKEW) {
    return refuse(`the signature is of ${dateTime}, more than 15 minutes from this server's time`)
  }
  const percent = login.userName.indexOf('%')
  const accessKeyId = percent < 0 ? login.userName : login.userName.slice(0, percent)
  const sessionToken = percent < 0 ? undefined : login.userName.slice(percent + 1)
  const credential = await findCredential(accessKeyId, sessionToken)
  if (!credential?.active || !sameText(credential.sessionToken ?? '', sessionToken ?? '')) {
    return refuse('the security token included in the request is invalid')
  }
  if (credential.expires && credential.expires <= login.now) {
    return refuse('the security token included in the request is expired')
  }
  // The credential helper signs the host without its port, git-remote-codecommit what CODE_COMMIT_ENDPOINT says.
  const sent = new Set([login.host.replace(/:\d+$/, ''), login.host])
  for (const region of login.regions) {
    const scope = { date: dateTime.slice(0, 8), region, service: 'codecommit' }
    const key = signingKey(accessKeyId, credential.secretAccessKey, scope)
    for (const host of [...sent, ...awsHosts(region)]) {
      const canonical = `GIT\n${login.path}\n\nhost:${host}\n\nhost\n`
      if (sameText(signText(key, stringToSign(signedTime, scope, canonical)), signature)) {
        return { ok: true, principal: credential.principal, region, accessKeyId }
      }
    }
  }
  return refuse('the signature does not match: check the secret access key, the region and the repository URL')
}

/** git-remote-codecommit signs for AWS's own host name also when git is told (url.insteadOf) to go elsewhere. */
function awsHosts(region: string): string[] {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return [`git-codecommit.${region}.${suffix}`, `git-codecommit-fips.${region}.${suffix}`]
}

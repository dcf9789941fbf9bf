// Temporary credentials of the project's role, as the commands inside of a build and git get them.

import { BuildFailure } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { BuildRow } from '../builds.ts'

/** botocore asks again 15 minutes before the end: by then there is a new session. */
const RENEW_MS = 20 * 60_000

export interface RoleCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** When it is now: signatures carry it. */
  readonly signedAt: Date
  readonly expiration: Date
}

/** AWS: the session of a build's role is named after the build. */
export const sessionName = (row: Pick<BuildRow, 'id'>) => `AWSCodeBuild-${row.id.split(':')[1]}`

/** Assumes the role of the build. Throws BuildFailure when CodeBuild may not. */
export async function assumeServiceRole(call: OpenCall, row: BuildRow): Promise<RoleCredentials> {
  try {
    const { Credentials } = await call.asService.invoke('sts', 'AssumeRole', {
      RoleArn: row.definition.serviceRole!,
      RoleSessionName: sessionName(row),
    })
    return {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
      signedAt: call.now,
      expiration: Credentials!.Expiration!,
    }
  } catch (error) {
    if (!isServiceError(error)) throw error
    throw new BuildFailure(
      'CLIENT_ERROR',
      `CodeBuild is not authorized to perform: sts:AssumeRole on service role. ${error.message}`,
    )
  }
}

/** Credentials of the build's role that are good for a while: the session so far, or a new one before it ends. */
export function roleSession(call: () => OpenCall, row: BuildRow): () => Promise<RoleCredentials> {
  let current: Promise<RoleCredentials> | undefined
  return async () => {
    const known = await current?.catch(() => undefined)
    const { now } = call()
    if (known && known.expiration.getTime() - now.getTime() > RENEW_MS) return { ...known, signedAt: now }
    current = assumeServiceRole(call(), row)
    return await current
  }
}

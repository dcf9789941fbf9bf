// Temporary credentials of the project's role, as the commands inside of a build and git get them.

import { BuildFailure } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { BuildRow } from '../builds.ts'

export interface RoleCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** When it is now: signatures carry it. */
  readonly signedAt: Date
}

/** AWS: the session of a build's role is named after the build. */
export const sessionName = (row: BuildRow) => `AWSCodeBuild-${row.id.split(':')[1]}`

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
    }
  } catch (error) {
    if (!isServiceError(error)) throw error
    throw new BuildFailure(
      'CLIENT_ERROR',
      `CodeBuild is not authorized to perform: sts:AssumeRole on service role. ${error.message}`,
    )
  }
}

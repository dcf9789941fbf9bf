// CreateDeployment: takes the revision as the object is now, and the hosts as they are tagged now.

import { isServiceError } from '../../../../core/serviceError.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { findConfig } from '../../configs.ts'
import { createDeploymentRow } from '../../createDeploymentRow.ts'
import { fail } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { readRevision, revisionLocation, type S3Revision } from '../../revisions.ts'

export const createDeployment: Handler<'codedeploy', 'CreateDeployment'> = async (call, input) => {
  const application = await findApplication(call.tx, call.scope, input.applicationName)
  if (!input.deploymentGroupName) {
    fail('DeploymentGroupNameRequiredException', 'The deployment group name was not specified.')
  }
  const group = await findGroup(call.tx, application, input.deploymentGroupName)
  if (input.targetInstances) {
    fail(
      'InvalidTargetInstancesException',
      'Target instances belong to BLUE_GREEN deployments, which are not supported yet.',
    )
  }
  const requested = readRevision(input.revision ?? group.target_revision ?? undefined)
  const config = await findConfig(call.tx, call.scope, input.deploymentConfigName ?? group.config_name)
  const pinned = await pin(call, requested)
  const rollback = input.autoRollbackConfiguration ?? group.settings.autoRollbackConfiguration
  const made = await createDeploymentRow(call, {
    application,
    group,
    request: {
      revision: revisionLocation(requested),
      configName: config.name,
      ...(input.description === undefined ? {} : { description: input.description }),
      ignoreApplicationStopFailures: input.ignoreApplicationStopFailures ?? false,
      updateOutdatedInstancesOnly: input.updateOutdatedInstancesOnly ?? false,
      fileExistsBehavior: input.fileExistsBehavior ?? 'DISALLOW',
      ...(rollback ? { autoRollbackConfiguration: rollback } : {}),
    },
    requested,
    pinned,
    minimum: config.minimum,
    creator: 'user',
  })
  if ('active' in made) {
    // AWS: the text as clients report it.
    return fail(
      'DeploymentLimitExceededException',
      `The Deployment Group '${group.name}' already has an active Deployment '${made.active}'`,
    )
  }
  return { deploymentId: made.id }
}

/** With the version and ETag of now. An object that is missing or not readable here fails on the hosts, as on AWS. */
async function pin(call: Call, revision: S3Revision): Promise<S3Revision> {
  try {
    const head = await call.invoke('s3', 'HeadObject', {
      Bucket: revision.bucket,
      Key: revision.key,
      ...(revision.version ? { VersionId: revision.version } : {}),
    })
    const version = revision.version ?? head.VersionId
    const eTag = revision.eTag ?? head.ETag?.replaceAll('"', '')
    return {
      ...revision,
      ...(version && version !== 'null' ? { version } : {}),
      ...(eTag ? { eTag } : {}),
    }
  } catch (error) {
    if (!isServiceError(error)) throw error
    return revision
  }
}

// GetDeploymentSpecification: what to deploy, as JSON in a signed envelope [deployment_specification.rb].

import type { Call } from '../../../operation/call.ts'
import { type DeploymentRow, findDeployments } from '../deployments.ts'
import { readRevision } from '../revisions.ts'
import { createSigner, type Signer } from '../signing/signedData.ts'
import { checkHost, clientError } from './host.ts'

let signer: Signer | undefined

export async function getDeploymentSpecification(
  call: Call,
  { DeploymentExecutionId, HostIdentifier }: { DeploymentExecutionId: string; HostIdentifier: string },
) {
  checkHost(call, HostIdentifier)
  const id = DeploymentExecutionId.split('/')[2] ?? ''
  const [row] = await findDeployments(call.tx, call.scope, [id])
  const target = row
    ? await call.tx.one`
        select 1 from codedeploy.targets where deployment_id = ${id} and host_identifier = ${HostIdentifier} limit 1`
    : undefined
  if (!row || !target)
    return clientError(`DeploymentNotFound: ${DeploymentExecutionId} is no deployment to ${HostIdentifier}.`)
  signer ??= createSigner(`codedeploy-signer-${call.scope.region}.amazonaws.com`, call.now)
  return {
    DeploymentSystem: 'CodeDeploy',
    DeploymentSpecification: {
      GenericEnvelope: { Format: 'PKCS7/JSON', Payload: signer.sign(JSON.stringify(specOf(row))) },
    },
  }
}

/** No AllPossibleLifecycleEvents: the real agent's Install breaks on it. */
function specOf(row: DeploymentRow) {
  const { bucket, key, bundleType, version, eTag } = readRevision(row.revision)
  return {
    ApplicationId: row.application_name,
    ApplicationName: row.application_name,
    DeploymentId: row.id,
    DeploymentGroupId: row.group_id,
    DeploymentGroupName: row.group_name,
    DeploymentCreator: row.creator,
    DeploymentType: 'IN_PLACE',
    AgentActionOverrides: { AgentOverrides: { FileExistsBehavior: row.request.fileExistsBehavior } },
    Revision: {
      RevisionType: 'S3',
      S3Revision: { Bucket: bucket, Key: key, BundleType: bundleType, Version: version ?? null, ETag: eTag ?? null },
    },
  }
}

// Deploy with CodeDeploy: CreateDeployment of the input artifact, then the deployment's own state.

import type { ActionProvider } from './provider.ts'

export const codedeployDeploy: ActionProvider = {
  category: 'Deploy',
  provider: 'CodeDeploy',
  timeoutMinutes: 5 * 24 * 60,
  atOnce: true,
  async start({ invoke }, { configuration, inputs, executionId, pipeline }) {
    const [input] = inputs
    const { ETag, VersionId } = await invoke('s3', 'HeadObject', { Bucket: input!.bucket, Key: input!.key })
    const { deploymentId } = await invoke('codedeploy', 'CreateDeployment', {
      applicationName: configuration.ApplicationName!,
      deploymentGroupName: configuration.DeploymentGroupName!,
      description: `Deployed by pipeline ${pipeline.name}, execution ${executionId}`,
      revision: {
        revisionType: 'S3',
        s3Location: {
          bucket: input!.bucket,
          key: input!.key,
          bundleType: 'zip',
          ...(ETag ? { eTag: ETag.replaceAll('"', '') } : {}),
          ...(VersionId && VersionId !== 'null' ? { version: VersionId } : {}),
        },
      },
    })
    return { status: 'running', externalId: deploymentId! }
  },
  async inspect({ invoke }, { externalId }) {
    const { deploymentInfo } = await invoke('codedeploy', 'GetDeployment', { deploymentId: externalId })
    switch (deploymentInfo?.status) {
      case 'Succeeded':
        return {
          status: 'succeeded',
          externalId,
          summary: 'Deployment Succeeded',
          variables: { DeploymentId: externalId },
        }
      case 'Failed':
      case 'Stopped': {
        const { code, message } = deploymentInfo.errorInformation ?? {}
        return {
          status: 'failed',
          externalId,
          code: 'JobFailed',
          message: `Deployment ${externalId} ${deploymentInfo.status.toLowerCase()}${message ? `: ${message}` : ''}${code ? ` (${code})` : ''}`,
        }
      }
      default:
        return { status: 'running', externalId }
    }
  },
}

// CodeDeploy: every operation of its model, and why some are not there.

import { allNotSupported, defineService, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { constraintError } from './errors.ts'
import { batchGetApplications } from './operations/applications/batchGetApplications.ts'
import { createApplication } from './operations/applications/createApplication.ts'
import { deleteApplication } from './operations/applications/deleteApplication.ts'
import { getApplication } from './operations/applications/getApplication.ts'
import { listApplications } from './operations/applications/listApplications.ts'
import { updateApplication } from './operations/applications/updateApplication.ts'
import { createDeploymentConfig } from './operations/configs/createDeploymentConfig.ts'
import { deleteDeploymentConfig } from './operations/configs/deleteDeploymentConfig.ts'
import { getDeploymentConfig } from './operations/configs/getDeploymentConfig.ts'
import { listDeploymentConfigs } from './operations/configs/listDeploymentConfigs.ts'
import { batchGetDeployments } from './operations/deployments/batchGetDeployments.ts'
import { createDeployment } from './operations/deployments/createDeployment.ts'
import { getDeployment } from './operations/deployments/getDeployment.ts'
import { listDeployments } from './operations/deployments/listDeployments.ts'
import { stopDeployment } from './operations/deployments/stopDeployment.ts'
import { batchGetDeploymentGroups } from './operations/groups/batchGetDeploymentGroups.ts'
import { createDeploymentGroup } from './operations/groups/createDeploymentGroup.ts'
import { deleteDeploymentGroup } from './operations/groups/deleteDeploymentGroup.ts'
import { getDeploymentGroup } from './operations/groups/getDeploymentGroup.ts'
import { listDeploymentGroups } from './operations/groups/listDeploymentGroups.ts'
import { updateDeploymentGroup } from './operations/groups/updateDeploymentGroup.ts'
import { addTagsToOnPremisesInstances } from './operations/instances/addTagsToOnPremisesInstances.ts'
import { batchGetOnPremisesInstances } from './operations/instances/batchGetOnPremisesInstances.ts'
import { deregisterOnPremisesInstance } from './operations/instances/deregisterOnPremisesInstance.ts'
import { getOnPremisesInstance } from './operations/instances/getOnPremisesInstance.ts'
import { listOnPremisesInstances } from './operations/instances/listOnPremisesInstances.ts'
import { registerOnPremisesInstance } from './operations/instances/registerOnPremisesInstance.ts'
import { removeTagsFromOnPremisesInstances } from './operations/instances/removeTagsFromOnPremisesInstances.ts'
import { batchGetApplicationRevisions } from './operations/revisions/batchGetApplicationRevisions.ts'
import { getApplicationRevision } from './operations/revisions/getApplicationRevision.ts'
import { listApplicationRevisions } from './operations/revisions/listApplicationRevisions.ts'
import { registerApplicationRevision } from './operations/revisions/registerApplicationRevision.ts'
import { listTagsForResource, tagResource, untagResource } from './operations/tags/tagResource.ts'
import { batchGetDeploymentTargets } from './operations/targets/batchGetDeploymentTargets.ts'
import {
  batchGetDeploymentInstances,
  getDeploymentInstance,
  listDeploymentInstances,
} from './operations/targets/deploymentInstances.ts'
import { getDeploymentTarget } from './operations/targets/getDeploymentTarget.ts'
import { listDeploymentTargets } from './operations/targets/listDeploymentTargets.ts'
import { tasks } from './tasks.ts'

export const codedeploy = defineService<'codedeploy'>({
  name: 'codedeploy',
  principal: 'codedeploy.amazonaws.com',
  access,
  constraintError,
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  operations: {
    CreateApplication: write(createApplication),
    GetApplication: read(getApplication),
    BatchGetApplications: read(batchGetApplications),
    ListApplications: read(listApplications),
    UpdateApplication: write(updateApplication),
    DeleteApplication: write(deleteApplication),
    CreateDeploymentGroup: write(createDeploymentGroup),
    UpdateDeploymentGroup: write(updateDeploymentGroup),
    GetDeploymentGroup: read(getDeploymentGroup),
    BatchGetDeploymentGroups: read(batchGetDeploymentGroups),
    ListDeploymentGroups: read(listDeploymentGroups),
    DeleteDeploymentGroup: write(deleteDeploymentGroup),
    CreateDeploymentConfig: write(createDeploymentConfig),
    GetDeploymentConfig: read(getDeploymentConfig),
    ListDeploymentConfigs: read(listDeploymentConfigs),
    DeleteDeploymentConfig: write(deleteDeploymentConfig),
    RegisterApplicationRevision: write(registerApplicationRevision),
    GetApplicationRevision: read(getApplicationRevision),
    BatchGetApplicationRevisions: read(batchGetApplicationRevisions),
    ListApplicationRevisions: read(listApplicationRevisions),
    RegisterOnPremisesInstance: write(registerOnPremisesInstance),
    DeregisterOnPremisesInstance: write(deregisterOnPremisesInstance),
    GetOnPremisesInstance: read(getOnPremisesInstance),
    BatchGetOnPremisesInstances: read(batchGetOnPremisesInstances),
    ListOnPremisesInstances: read(listOnPremisesInstances),
    AddTagsToOnPremisesInstances: write(addTagsToOnPremisesInstances),
    RemoveTagsFromOnPremisesInstances: write(removeTagsFromOnPremisesInstances),
    CreateDeployment: write(createDeployment),
    GetDeployment: read(getDeployment),
    BatchGetDeployments: read(batchGetDeployments),
    ListDeployments: read(listDeployments),
    StopDeployment: write(stopDeployment),
    GetDeploymentTarget: read(getDeploymentTarget),
    BatchGetDeploymentTargets: read(batchGetDeploymentTargets),
    ListDeploymentTargets: read(listDeploymentTargets),
    GetDeploymentInstance: read(getDeploymentInstance),
    BatchGetDeploymentInstances: read(batchGetDeploymentInstances),
    ListDeploymentInstances: read(listDeploymentInstances),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListTagsForResource: read(listTagsForResource),
    ...allNotSupported(
      ['ContinueDeployment', 'SkipWaitTimeForInstanceTermination'],
      'they move blue/green deployments on, which are not there yet; deployments are in place',
    ),
    ...allNotSupported(
      ['PutLifecycleEventHookExecutionStatus'],
      'it reports hooks of Lambda and Amazon ECS deployments, which are not there yet',
    ),
    ...allNotSupported(
      ['ListGitHubAccountTokenNames', 'DeleteGitHubAccountToken'],
      'revisions are deployed from S3, never from GitHub, so there are no GitHub tokens',
    ),
    ...allNotSupported(
      ['DeleteResourcesByExternalId'],
      'it cleans up after CloudFormation blue/green deployments, which are not there yet',
    ),
  },
})

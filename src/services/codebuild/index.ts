// CodeBuild: projects, builds, and the builder that carries them out. Every operation of its model, and why some are not there.

import { hostname } from 'node:os'
import { join } from 'node:path'
import { anySandbox } from '../../build/anySandbox.ts'
import type { OpenCall } from '../../operation/call.ts'
import { defineService, open, read, type Service, write } from '../../operation/service.ts'
import { createDockerProvider, type DockerProvider } from '../../sandbox/docker/dockerProvider.ts'
import { containerEndpoint, openCredentialsAddress } from '../../sandbox/docker/network.ts'
import { createHostProvider } from '../../sandbox/host/hostProvider.ts'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import { access } from './access.ts'
import { batchTasks } from './batches/tasks.ts'
import { statusSubscriptions } from './batchStatus.ts'
import { constraintError } from './errors.ts'
import { isLoopbackUrl } from './fleets/apiEndpoints.ts'
import { metricSubscriptions, metricTasks } from './metrics.ts'
import { batchGetBuildBatches } from './operations/buildBatches/batchGetBuildBatches.ts'
import { deleteBuildBatch } from './operations/buildBatches/deleteBuildBatch.ts'
import { listBuildBatches } from './operations/buildBatches/listBuildBatches.ts'
import { listBuildBatchesForProject } from './operations/buildBatches/listBuildBatchesForProject.ts'
import { retryBuildBatch } from './operations/buildBatches/retryBuildBatch.ts'
import { startBuildBatch } from './operations/buildBatches/startBuildBatch.ts'
import { stopBuildBatch } from './operations/buildBatches/stopBuildBatch.ts'
import { batchDeleteBuilds } from './operations/builds/batchDeleteBuilds.ts'
import { batchGetBuilds } from './operations/builds/batchGetBuilds.ts'
import { listBuilds } from './operations/builds/listBuilds.ts'
import { listBuildsForProject } from './operations/builds/listBuildsForProject.ts'
import { retryBuild } from './operations/builds/retryBuild.ts'
import { startBuild } from './operations/builds/startBuild.ts'
import { stopBuild } from './operations/builds/stopBuild.ts'
import { batchGetFleets } from './operations/fleets/batchGetFleets.ts'
import { createFleet } from './operations/fleets/createFleet.ts'
import { deleteFleet } from './operations/fleets/deleteFleet.ts'
import { listFleets } from './operations/fleets/listFleets.ts'
import { updateFleet } from './operations/fleets/updateFleet.ts'
import { listCuratedEnvironmentImages } from './operations/images/listCuratedEnvironmentImages.ts'
import { batchGetProjects } from './operations/projects/batchGetProjects.ts'
import { createProject } from './operations/projects/createProject.ts'
import { deleteProject } from './operations/projects/deleteProject.ts'
import { invalidateProjectCache } from './operations/projects/invalidateProjectCache.ts'
import { listProjects } from './operations/projects/listProjects.ts'
import { updateProject } from './operations/projects/updateProject.ts'
import { batchGetReportGroups } from './operations/reportGroups/batchGetReportGroups.ts'
import { createReportGroup } from './operations/reportGroups/createReportGroup.ts'
import { deleteReportGroup } from './operations/reportGroups/deleteReportGroup.ts'
import { getReportGroupTrend } from './operations/reportGroups/getReportGroupTrend.ts'
import { listReportGroups } from './operations/reportGroups/listReportGroups.ts'
import { updateReportGroup } from './operations/reportGroups/updateReportGroup.ts'
import { batchGetReports } from './operations/reports/batchGetReports.ts'
import { createReport } from './operations/reports/createReport.ts'
import { deleteReport } from './operations/reports/deleteReport.ts'
import { describeCodeCoverages } from './operations/reports/describeCodeCoverages.ts'
import { describeTestCases } from './operations/reports/describeTestCases.ts'
import { batchPutCodeCoverages, batchPutTestCases, updateReport } from './operations/reports/fillReport.ts'
import { listReports } from './operations/reports/listReports.ts'
import { listReportsForReportGroup } from './operations/reports/listReportsForReportGroup.ts'
import { batchGetSandboxes } from './operations/sandboxes/batchGetSandboxes.ts'
import { listSandboxes, listSandboxesForProject } from './operations/sandboxes/listSandboxes.ts'
import {
  batchGetCommandExecutions,
  listCommandExecutionsForSandbox,
} from './operations/sandboxes/readCommandExecutions.ts'
import { startCommandExecution } from './operations/sandboxes/startCommandExecution.ts'
import { startSandbox } from './operations/sandboxes/startSandbox.ts'
import { startSandboxConnection } from './operations/sandboxes/startSandboxConnection.ts'
import { stopSandbox } from './operations/sandboxes/stopSandbox.ts'
import { deleteResourcePolicy } from './operations/sharing/deleteResourcePolicy.ts'
import { getResourcePolicy } from './operations/sharing/getResourcePolicy.ts'
import { listSharedProjects, listSharedReportGroups } from './operations/sharing/listShared.ts'
import { putResourcePolicy } from './operations/sharing/putResourcePolicy.ts'
import { updateProjectVisibility } from './operations/sharing/updateProjectVisibility.ts'
import { deleteSourceCredentials } from './operations/sourceCredentials/deleteSourceCredentials.ts'
import { importSourceCredentials } from './operations/sourceCredentials/importSourceCredentials.ts'
import { listSourceCredentials } from './operations/sourceCredentials/listSourceCredentials.ts'
import { createWebhook } from './operations/webhooks/createWebhook.ts'
import { deleteWebhook } from './operations/webhooks/deleteWebhook.ts'
import { updateWebhook } from './operations/webhooks/updateWebhook.ts'
import { terminalsIn } from './sandboxes/terminals.ts'
import { findPolicy, sharedResource } from './sharing/policies.ts'
import { tasks } from './tasks.ts'
import { type BuilderOptions, createBuilder } from './worker/builder.ts'

export { badgeDoor } from './door.ts'
export { joinHouse } from './fleets/joinHouse.ts'
export { publicDoor } from './sharing/publicDoor.ts'
export { webhookDoor } from './webhooks/hookDoor.ts'

/** The service with a builder of the given making; tests bring their own sandboxes. */
export function codebuildWith(builder: BuilderOptions): Service {
  return defineService<'codebuild'>({
    name: 'codebuild',
    principal: 'codebuild.amazonaws.com',
    access,
    constraintError,
    async resourcePolicy(tx, arn) {
      const resource = sharedResource(arn)
      return resource && (await findPolicy(tx, resource))
    },
    migrations: new URL('./migrations/', import.meta.url),
    tasks: { ...tasks, ...batchTasks, ...metricTasks },
    subscriptions: [...metricSubscriptions, ...statusSubscriptions],
    workers: [createBuilder(builder)],
    operations: {
      CreateProject: write(createProject),
      UpdateProject: write(updateProject),
      DeleteProject: write(deleteProject),
      BatchGetProjects: read(batchGetProjects),
      ListProjects: read(listProjects),
      StartBuild: write(startBuild),
      RetryBuild: write(retryBuild),
      StopBuild: write(stopBuild),
      BatchGetBuilds: read(batchGetBuilds),
      BatchDeleteBuilds: write(batchDeleteBuilds),
      ListBuilds: read(listBuilds),
      ListBuildsForProject: read(listBuildsForProject),
      ListCuratedEnvironmentImages: read(listCuratedEnvironmentImages),
      InvalidateProjectCache: write(invalidateProjectCache),
      UpdateProjectVisibility: write(updateProjectVisibility),
      StartBuildBatch: write(startBuildBatch),
      RetryBuildBatch: write(retryBuildBatch),
      StopBuildBatch: write(stopBuildBatch),
      DeleteBuildBatch: write(deleteBuildBatch),
      BatchGetBuildBatches: read(batchGetBuildBatches),
      ListBuildBatches: read(listBuildBatches),
      ListBuildBatchesForProject: read(listBuildBatchesForProject),
      CreateReportGroup: write(createReportGroup),
      UpdateReportGroup: write(updateReportGroup),
      DeleteReportGroup: write(deleteReportGroup),
      BatchGetReportGroups: read(batchGetReportGroups),
      ListReportGroups: read(listReportGroups),
      GetReportGroupTrend: read(getReportGroupTrend),
      BatchGetReports: read(batchGetReports),
      ListReports: read(listReports),
      ListReportsForReportGroup: read(listReportsForReportGroup),
      DeleteReport: write(deleteReport),
      DescribeTestCases: read(describeTestCases),
      DescribeCodeCoverages: read(describeCodeCoverages),
      CreateReport: write(createReport),
      UpdateReport: write(updateReport),
      BatchPutTestCases: write(batchPutTestCases),
      BatchPutCodeCoverages: write(batchPutCodeCoverages),
      ListSharedReportGroups: read(listSharedReportGroups),
      CreateFleet: write(createFleet),
      UpdateFleet: write(updateFleet),
      DeleteFleet: write(deleteFleet),
      BatchGetFleets: read(batchGetFleets),
      ListFleets: read(listFleets),
      StartSandbox: write(startSandbox),
      StopSandbox: write(stopSandbox),
      BatchGetSandboxes: read(batchGetSandboxes),
      ListSandboxes: read(listSandboxes),
      ListSandboxesForProject: read(listSandboxesForProject),
      StartCommandExecution: write(startCommandExecution),
      BatchGetCommandExecutions: read(batchGetCommandExecutions),
      ListCommandExecutionsForSandbox: read(listCommandExecutionsForSandbox),
      StartSandboxConnection: write(startSandboxConnection),
      CreateWebhook: open(createWebhook, { changes: true }),
      UpdateWebhook: open(updateWebhook, { changes: true }),
      DeleteWebhook: open(deleteWebhook, { changes: true }),
      ImportSourceCredentials: open(importSourceCredentials, { changes: true }),
      ListSourceCredentials: read(listSourceCredentials),
      DeleteSourceCredentials: write(deleteSourceCredentials),
      PutResourcePolicy: write(putResourcePolicy),
      GetResourcePolicy: read(getResourcePolicy),
      DeleteResourcePolicy: write(deleteResourcePolicy),
      ListSharedProjects: read(listSharedProjects),
    },
  })
}

let sandboxes: { docker: DockerProvider; host: SandboxProvider } | undefined

/** The sandboxes of this process, made when the first build needs them. */
const sandboxesOf = ({ config }: OpenCall) => {
  sandboxes ??= {
    docker: createDockerProvider({ pool: { owner: `${hostname()}:${config.dataDir}` } }),
    host: createHostProvider({ root: join(config.dataDir, 'builds'), hide: [config.dataDir] }),
  }
  return sandboxes
}

const configured: BuilderOptions['sandboxes'] = (call, chosen) => {
  const { sandbox } = call.config
  if (sandbox === 'scripted') throw new Error('scripted sandboxes are given with codebuildWith')
  return anySandbox({ kind: sandbox, providers: sandboxesOf(call), chosen })
}

/** Terminals in builds and sandboxes of this machine. */
export const openTerminal = terminalsIn(call => configured(call, () => {}))

/** CodeBuild as `codeyard up` runs it: in Docker or on the host, as the configuration says. */
export const codebuild = codebuildWith({
  sandboxes: configured,
  close: async () => await sandboxes?.docker.close(),
  openToContainers: async call => {
    const { sandbox } = call.config
    if (sandbox !== 'auto' && sandbox !== 'docker') return false
    const { docker } = sandboxesOf(call)
    return !(await docker.unavailable()) && (await openCredentialsAddress(docker.docker))
  },
  endpointIn: async (call, sandbox) => {
    // An API on another machine is there for containers as well.
    if (sandbox.kind !== 'docker' || !isLoopbackUrl(call.config.endpoint)) return call.config.endpoint
    const port = Number(new URL(call.config.endpoint).port || '80')
    const { docker } = sandboxesOf(call).docker
    return (await containerEndpoint(docker, port))?.url ?? call.config.endpoint
  },
})

// What the demo makes through the public API: repository, roles, bucket, build project, application, pipeline. Made again it changes nothing.

import type { Clients } from '../clients.ts'

export const NAME = 'web-node'
const TAG = { Key: 'app', Value: NAME }

export interface Made {
  readonly repositoryUrl: string
  readonly bucket: string
}

export interface DemoOptions {
  readonly account: string
  readonly region: string
  /** The image that builds run in, when they run in Docker. */
  readonly image: string
}

export async function makeResources(clients: Clients, options: DemoOptions): Promise<Made> {
  const { account, region } = options
  const bucket = `codeyard-demo-${account}-${region}`
  const { repositoryMetadata } = await clients.codecommit
    .createRepository({ repositoryName: NAME, repositoryDescription: 'A small web service' })
    .catch(unless('RepositoryNameExistsException', () => clients.codecommit.getRepository({ repositoryName: NAME })))
  await clients.s3.createBucket({ Bucket: bucket }).catch(unless('BucketAlreadyOwnedByYou'))
  const buildRole = await role(clients, 'demo-build', 'codebuild.amazonaws.com', buildPolicy(options, bucket))
  const pipelineRole = await role(
    clients,
    'demo-pipeline',
    'codepipeline.amazonaws.com',
    pipelinePolicy(options, bucket),
  )
  const deployRole = await role(clients, 'demo-deploy', 'codedeploy.amazonaws.com', [])
  await makeProject(clients, options, buildRole)
  await makeDeployment(clients, deployRole)
  await makePipeline(clients, bucket, pipelineRole)
  return { repositoryUrl: repositoryMetadata!.cloneUrlHttp!, bucket }
}

interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
}

const buildPolicy = ({ account, region }: DemoOptions, bucket: string): Statement[] => [
  {
    Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `arn:aws:logs:${region}:${account}:log-group:/aws/codebuild/*`,
  },
  { Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], Resource: `arn:aws:s3:::${bucket}/*` },
]

const pipelinePolicy = ({ account, region }: DemoOptions, bucket: string): Statement[] => [
  {
    Action: [
      'codecommit:GetBranch',
      'codecommit:GetCommit',
      'codecommit:UploadArchive',
      'codecommit:GetUploadArchiveStatus',
    ],
    Resource: `arn:aws:codecommit:${region}:${account}:${NAME}`,
  },
  { Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], Resource: `arn:aws:s3:::${bucket}/*` },
  {
    Action: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
    Resource: `arn:aws:codebuild:${region}:${account}:project/${NAME}`,
  },
  {
    Action: [
      'codedeploy:CreateDeployment',
      'codedeploy:GetDeployment',
      'codedeploy:GetDeploymentConfig',
      'codedeploy:RegisterApplicationRevision',
      'codedeploy:GetApplicationRevision',
    ],
    Resource: `arn:aws:codedeploy:${region}:${account}:*`,
  },
]

async function role(
  { iam }: Clients,
  RoleName: string,
  service: string,
  statements: readonly Statement[],
): Promise<string> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  }
  const { Role } = await iam
    .createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) })
    .catch(unless('EntityAlreadyExistsException', () => iam.getRole({ RoleName })))
  if (statements.length > 0) {
    const policy = {
      Version: '2012-10-17',
      Statement: statements.map(statement => ({ Effect: 'Allow', ...statement })),
    }
    await iam.putRolePolicy({ RoleName, PolicyName: 'demo', PolicyDocument: JSON.stringify(policy) })
  }
  return Role!.Arn!
}

async function makeProject({ codebuild }: Clients, { image }: DemoOptions, serviceRole: string): Promise<void> {
  const project = {
    name: NAME,
    source: { type: 'CODEPIPELINE' },
    artifacts: { type: 'CODEPIPELINE' },
    environment: { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole,
  } as const
  await codebuild
    .createProject(project)
    .catch(unless('ResourceAlreadyExistsException', () => codebuild.updateProject(project)))
}

async function makeDeployment({ codedeploy }: Clients, serviceRoleArn: string): Promise<void> {
  await codedeploy
    .createApplication({ applicationName: NAME, computePlatform: 'Server' })
    .catch(unless('ApplicationAlreadyExistsException'))
  const group = {
    applicationName: NAME,
    deploymentGroupName: 'demo',
    serviceRoleArn,
    deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
  }
  await codedeploy
    .createDeploymentGroup({ ...group, onPremisesInstanceTagFilters: [{ ...TAG, Type: 'KEY_AND_VALUE' }] })
    .catch(unless('DeploymentGroupAlreadyExistsException'))
}

async function makePipeline({ codepipeline }: Clients, bucket: string, roleArn: string): Promise<void> {
  const action = (
    name: string,
    category: 'Source' | 'Build' | 'Deploy',
    provider: string,
    configuration: Record<string, string>,
  ) => ({
    name,
    actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
    configuration,
  })
  const pipeline = {
    name: NAME,
    roleArn,
    artifactStore: { type: 'S3' as const, location: bucket },
    stages: [
      {
        name: 'Source',
        actions: [
          {
            ...action('Source', 'Source', 'CodeCommit', { RepositoryName: NAME, BranchName: 'main' }),
            outputArtifacts: [{ name: 'SourceOutput' }],
          },
        ],
      },
      {
        name: 'Build',
        actions: [
          {
            ...action('TestAndPackage', 'Build', 'CodeBuild', { ProjectName: NAME }),
            inputArtifacts: [{ name: 'SourceOutput' }],
            outputArtifacts: [{ name: 'BuildOutput' }],
          },
        ],
      },
      {
        name: 'Deploy',
        actions: [
          {
            ...action('Deploy', 'Deploy', 'CodeDeploy', { ApplicationName: NAME, DeploymentGroupName: 'demo' }),
            inputArtifacts: [{ name: 'BuildOutput' }],
          },
        ],
      },
    ],
  }
  await codepipeline.createPipeline({ pipeline }).catch(unless('PipelineNameInUseException'))
}

/** Takes an error of this name for "it is there already" and answers what `instead` does. */
function unless<T>(name: string, instead?: () => Promise<T>) {
  return async (error: Error): Promise<T> => {
    if (error.name !== name) throw error
    return instead ? await instead() : (undefined as T)
  }
}

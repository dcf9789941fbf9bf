// The action types of AWS: how many artifacts each takes and gives, and the configuration keys it needs and knows.
// Source: reference-pipeline-structure.md and the action-reference-*.md pages of the CodePipeline user guide.

export interface ActionType {
  readonly category: 'Source' | 'Build' | 'Test' | 'Deploy' | 'Approval' | 'Invoke' | 'Compute'
  readonly owner: 'AWS' | 'ThirdParty'
  readonly provider: string
  readonly inputs: readonly [least: number, most: number]
  readonly outputs: readonly [least: number, most: number]
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

const type = (
  category: ActionType['category'],
  provider: string,
  inputs: readonly [number, number],
  outputs: readonly [number, number],
  required: readonly string[] = [],
  optional: readonly string[] = [],
  owner: ActionType['owner'] = 'AWS',
): ActionType => ({ category, owner, provider, inputs, outputs, required, optional })

const CODEBUILD_KEYS = [
  'PrimarySource',
  'BatchEnabled',
  'CombineArtifacts',
  'EnvironmentVariables',
  'BuildspecOverride',
]
const CLOUDFORMATION_KEYS = [
  'StackName',
  'ChangeSetName',
  'TemplatePath',
  'TemplateConfiguration',
  'OutputFileName',
  'ParameterOverrides',
  'Capabilities',
  'RoleArn',
]

export const actionTypes: readonly ActionType[] = [
  type(
    'Source',
    'CodeCommit',
    [0, 0],
    [1, 1],
    ['RepositoryName', 'BranchName'],
    ['PollForSourceChanges', 'OutputArtifactFormat'],
  ),
  type(
    'Source',
    'S3',
    [0, 0],
    [1, 1],
    ['S3Bucket', 'S3ObjectKey'],
    ['PollForSourceChanges', 'AllowOverrideForS3ObjectKey'],
  ),
  type('Source', 'ECR', [0, 0], [1, 1], ['RepositoryName'], ['ImageTag']),
  type(
    'Source',
    'CodeStarSourceConnection',
    [0, 0],
    [1, 1],
    ['ConnectionArn', 'FullRepositoryId', 'BranchName'],
    ['OutputArtifactFormat', 'DetectChanges'],
  ),
  type(
    'Source',
    'GitHub',
    [0, 0],
    [1, 1],
    ['Owner', 'Repo', 'Branch', 'OAuthToken'],
    ['PollForSourceChanges'],
    'ThirdParty',
  ),
  type('Build', 'CodeBuild', [1, 5], [0, 5], ['ProjectName'], CODEBUILD_KEYS),
  type('Test', 'CodeBuild', [1, 5], [0, 5], ['ProjectName'], CODEBUILD_KEYS),
  type(
    'Build',
    'ECRBuildAndPublish',
    [1, 1],
    [0, 1],
    ['ECRRepositoryName'],
    ['DockerFilePath', 'ImageTags', 'RegistryType'],
  ),
  type('Test', 'DeviceFarm', [1, 1], [0, 0], ['ProjectId', 'DevicePoolArn', 'AppType', 'TestType', 'Test'], ['App']),
  type('Deploy', 'CodeDeploy', [1, 1], [0, 0], ['ApplicationName', 'DeploymentGroupName']),
  type(
    'Deploy',
    'CodeDeployToECS',
    [1, 5],
    [0, 0],
    ['ApplicationName', 'DeploymentGroupName', 'TaskDefinitionTemplateArtifact', 'AppSpecTemplateArtifact'],
    [
      'AppSpecTemplatePath',
      'TaskDefinitionTemplatePath',
      'Image1ArtifactName',
      'Image1ContainerName',
      'Image2ArtifactName',
      'Image2ContainerName',
    ],
  ),
  type(
    'Deploy',
    'S3',
    [1, 1],
    [0, 0],
    ['BucketName', 'Extract'],
    ['ObjectKey', 'KMSEncryptionKeyARN', 'CannedACL', 'CacheControl'],
  ),
  type('Deploy', 'CloudFormation', [0, 10], [0, 1], ['ActionMode'], CLOUDFORMATION_KEYS),
  type(
    'Deploy',
    'CloudFormationStackSet',
    [1, 10],
    [0, 1],
    ['StackSetName', 'TemplatePath'],
    ['Parameters', 'Capabilities', 'PermissionModel', 'DeploymentTargets', 'Regions'],
  ),
  type('Deploy', 'ECS', [1, 1], [0, 0], ['ClusterName', 'ServiceName'], ['FileName', 'DeploymentTimeout']),
  type(
    'Deploy',
    'EC2',
    [1, 1],
    [0, 0],
    ['InstanceTagKey', 'InstanceType', 'TargetDirectory'],
    ['InstanceTagValue', 'DeploySpec', 'PreScript', 'PostScript', 'MaxBatch', 'MaxError', 'TargetGroupNameList'],
  ),
  type('Deploy', 'ElasticBeanstalk', [1, 1], [0, 0], ['ApplicationName', 'EnvironmentName']),
  type('Deploy', 'OpsWorks', [1, 1], [0, 0], ['App', 'Stack'], ['Layer']),
  type(
    'Deploy',
    'ServiceCatalog',
    [1, 1],
    [0, 0],
    ['ProductType', 'ProductId'],
    ['ProductVersionName', 'TemplateFilePath', 'ConfigurationFilePath'],
  ),
  type(
    'Deploy',
    'AlexaSkillsKit',
    [1, 2],
    [0, 0],
    ['ClientId', 'ClientSecret', 'RefreshToken', 'SkillId'],
    [],
    'ThirdParty',
  ),
  type('Approval', 'Manual', [0, 0], [0, 0], [], ['NotificationArn', 'CustomData', 'ExternalEntityLink']),
  type('Invoke', 'Lambda', [0, 5], [0, 5], ['FunctionName'], ['UserParameters']),
  type('Invoke', 'StepFunctions', [0, 1], [0, 1], ['StateMachineArn'], ['Input', 'InputType', 'ExecutionNamePrefix']),
  type('Compute', 'Commands', [1, 10], [0, 1]),
]

export function findActionType({
  category,
  owner,
  provider,
}: {
  category: string
  owner: string
  provider: string
}): ActionType | undefined {
  return actionTypes.find(one => one.category === category && one.owner === owner && one.provider === provider)
}

// Which resources a call was about: what LookupEvents finds by ResourceName. Read off the parameters by name. Pure.

export interface EventResource {
  readonly type: string
  readonly name: string
}

/** Parameter -> resource type, of each service. */
const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  codebuild: {
    projectName: 'AWS::CodeBuild::Project',
    name: 'AWS::CodeBuild::Project',
    id: 'AWS::CodeBuild::Build',
  },
  codecommit: { repositoryName: 'AWS::CodeCommit::Repository' },
  codedeploy: {
    applicationName: 'AWS::CodeDeploy::Application',
    deploymentGroupName: 'AWS::CodeDeploy::DeploymentGroup',
    deploymentId: 'AWS::CodeDeploy::Deployment',
  },
  codepipeline: { pipelineName: 'AWS::CodePipeline::Pipeline', name: 'AWS::CodePipeline::Pipeline' },
  events: { Name: 'AWS::Events::Rule', Rule: 'AWS::Events::Rule', EventBusName: 'AWS::Events::EventBus' },
  iam: {
    UserName: 'AWS::IAM::User',
    RoleName: 'AWS::IAM::Role',
    GroupName: 'AWS::IAM::Group',
    PolicyArn: 'AWS::IAM::Policy',
    InstanceProfileName: 'AWS::IAM::InstanceProfile',
    AccessKeyId: 'AWS::IAM::AccessKey',
  },
  kms: { KeyId: 'AWS::KMS::Key', TargetKeyId: 'AWS::KMS::Key', AliasName: 'AWS::KMS::Alias' },
  logs: { logGroupName: 'AWS::Logs::LogGroup', logStreamName: 'AWS::Logs::LogStream' },
  s3: { Bucket: 'AWS::S3::Bucket' },
  secretsmanager: { SecretId: 'AWS::SecretsManager::Secret', Name: 'AWS::SecretsManager::Secret' },
  sns: { TopicArn: 'AWS::SNS::Topic', SubscriptionArn: 'AWS::SNS::Subscription' },
  ssm: { Name: 'AWS::SSM::Parameter' },
  sts: { RoleArn: 'AWS::IAM::Role' },
}

/** The keys among the ARNs that a call of KMS asked permission for, as its record shows them. */
export const keysAmong = (arns: readonly string[]) =>
  [...new Set(arns)]
    .filter(arn => /^arn:aws[\w-]*:kms:[^:]+:\d{12}:key\//.test(arn))
    .map(ARN => ({ ARN, accountId: ARN.split(':')[4], type: 'AWS::KMS::Key' }))

export function resourcesOf(service: string, input: unknown): EventResource[] {
  const types = TYPES[service] ?? {}
  if (typeof input !== 'object' || input === null) return []
  const pipeline = (input as { pipeline?: { name?: unknown } }).pipeline?.name
  const found = typeof pipeline === 'string' ? [{ type: 'AWS::CodePipeline::Pipeline', name: pipeline }] : []
  for (const [parameter, type] of Object.entries(types)) {
    const name = (input as Record<string, unknown>)[parameter]
    if (typeof name === 'string') found.push({ type, name })
  }
  return found
}

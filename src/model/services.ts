// The facts of each AWS service that its SDK schemas do not carry: how requests name it and which protocols it speaks.

export type ProtocolName = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restJson' | 'restXml' | 'rpcV2Cbor'

export interface ServiceFacts {
  /** The SDK package with its schemas; without one the schemas are our own. */
  readonly sdk?: string
  readonly apiVersion: string
  /** The first is what clients use by default. */
  readonly protocols: readonly ProtocolName[]
  /** What stands before the dot in X-Amz-Target, and in rpcV2 paths; several clients may use several. */
  readonly targetPrefixes: readonly string[]
  /** Service names in SigV4 credential scopes. */
  readonly signingNames: readonly string[]
  /** First labels of AWS's endpoint host names. */
  readonly hostPrefixes: readonly string[]
  readonly xmlNamespace?: string
  /** JSON and CBOR errors also carry their old Query code in x-amzn-query-error. */
  readonly queryCompatible?: boolean
}

const json = (sdk: string, name: string, apiVersion: string, ...targetPrefixes: string[]): ServiceFacts => ({
  sdk,
  apiVersion,
  protocols: ['awsJson1_1'],
  targetPrefixes,
  signingNames: [name],
  hostPrefixes: [name],
})

const query = (sdk: string, name: string, apiVersion: string, xmlNamespace: string): ServiceFacts => ({
  sdk,
  apiVersion,
  protocols: ['awsQuery'],
  targetPrefixes: [],
  signingNames: [name],
  hostPrefixes: [name],
  xmlNamespace,
})

/** Adding a service: one entry here, its name in scripts/generateConstraints.py. */
export const services = {
  cloudtrail: json(
    '@aws-sdk/client-cloudtrail',
    'cloudtrail',
    '2013-11-01',
    'CloudTrail_20131101',
    'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101',
  ),
  cloudwatch: {
    sdk: '@aws-sdk/client-cloudwatch',
    apiVersion: '2010-08-01',
    protocols: ['rpcV2Cbor', 'awsJson1_0', 'awsQuery'],
    targetPrefixes: ['GraniteServiceVersion20100801'],
    signingNames: ['monitoring'],
    hostPrefixes: ['monitoring'],
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCompatible: true,
  },
  codebuild: json('@aws-sdk/client-codebuild', 'codebuild', '2016-10-06', 'CodeBuild_20161006'),
  codecommit: json('@aws-sdk/client-codecommit', 'codecommit', '2015-04-13', 'CodeCommit_20150413'),
  codedeploy: json('@aws-sdk/client-codedeploy', 'codedeploy', '2014-10-06', 'CodeDeploy_20141006'),
  /** What the CodeDeploy agent speaks: a private API, in two models with the same operations. */
  'codedeploy-commands': {
    apiVersion: '2014-10-06',
    protocols: ['awsJson1_1'],
    targetPrefixes: ['CodeDeployCommandService_v20141006', 'CodeDeployCommandService'],
    signingNames: ['codedeploy-commands', 'codedeploy-commands-secure'],
    hostPrefixes: ['codedeploy-commands', 'codedeploy-commands-secure'],
  },
  codepipeline: json('@aws-sdk/client-codepipeline', 'codepipeline', '2015-07-09', 'CodePipeline_20150709'),
  ec2: {
    sdk: '@aws-sdk/client-ec2',
    apiVersion: '2016-11-15',
    protocols: ['ec2Query'],
    targetPrefixes: [],
    signingNames: ['ec2'],
    hostPrefixes: ['ec2'],
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  },
  events: json('@aws-sdk/client-eventbridge', 'events', '2015-10-07', 'AWSEvents'),
  iam: query('@aws-sdk/client-iam', 'iam', '2010-05-08', 'https://iam.amazonaws.com/doc/2010-05-08/'),
  kms: json('@aws-sdk/client-kms', 'kms', '2014-11-01', 'TrentService'),
  lambda: {
    sdk: '@aws-sdk/client-lambda',
    apiVersion: '2015-03-31',
    protocols: ['restJson'],
    targetPrefixes: [],
    signingNames: ['lambda'],
    hostPrefixes: ['lambda'],
  },
  logs: json('@aws-sdk/client-cloudwatch-logs', 'logs', '2014-03-28', 'Logs_20140328'),
  s3: {
    sdk: '@aws-sdk/client-s3',
    apiVersion: '2006-03-01',
    protocols: ['restXml'],
    targetPrefixes: [],
    signingNames: ['s3', 's3express'],
    hostPrefixes: ['s3'],
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  },
  secretsmanager: json('@aws-sdk/client-secrets-manager', 'secretsmanager', '2017-10-17', 'secretsmanager'),
  sns: query('@aws-sdk/client-sns', 'sns', '2010-03-31', 'http://sns.amazonaws.com/doc/2010-03-31/'),
  ssm: json('@aws-sdk/client-ssm', 'ssm', '2014-11-06', 'AmazonSSM'),
  sts: query('@aws-sdk/client-sts', 'sts', '2011-06-15', 'https://sts.amazonaws.com/doc/2011-06-15/'),
} as const satisfies Record<string, ServiceFacts>

/** A service whose model can be loaded, in the house or not yet. */
export type ModelName = keyof typeof services

export function factsOf(name: string): ServiceFacts | undefined {
  return Object.hasOwn(services, name) ? services[name as ModelName] : undefined
}

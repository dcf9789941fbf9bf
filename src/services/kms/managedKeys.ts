// AWS-managed keys: `alias/aws/s3` and its sisters, made when somebody first asks for one. Their ids follow from account, region and
// service, so that a permission can be asked for before the key is there.

import { createHash } from 'node:crypto'
import type { Scope } from '../../core/scope.ts'

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  acm: 'Default key that protects my ACM private keys when no other key is defined',
  codecommit: 'Default key that protects my CodeCommit repositories when no other key is defined',
  codebuild: 'Default key that protects my CodeBuild artifacts when no other key is defined',
  codeartifact: 'Default key that protects my CodeArtifact assets when no other key is defined',
  dynamodb: 'Default key that protects my DynamoDB data when no other key is defined',
  ebs: 'Default key that protects my EBS volumes when no other key is defined',
  elasticfilesystem: 'Default key that protects my EFS filesystems when no other key is defined',
  lambda: 'Default key that protects my Lambda functions when no other key is defined',
  rds: 'Default key that protects my RDS database volumes when no other key is defined',
  s3: 'Default key that protects my S3 objects when no other key is defined',
  secretsmanager: 'Default key that protects my Secrets Manager data when no other key is defined',
  sns: 'Default key that protects my SNS data when no other key is defined',
  sqs: 'Default key that protects my SQS messages when no other key is defined',
  ssm: 'Default key that protects my SSM parameters when no other key is defined',
}

export interface ManagedKey {
  readonly keyId: string
  readonly alias: string
  readonly description: string
  readonly policy: string
}

/** The key behind `alias/aws/NAME`, or undefined when no service has that name. */
export function managedKeyOf(scope: Scope, alias: string): ManagedKey | undefined {
  const [, service] = /^alias\/aws\/([a-z0-9]+)$/.exec(alias) ?? []
  const description = service && Object.hasOwn(DESCRIPTIONS, service) ? DESCRIPTIONS[service] : undefined
  if (!service || !description) return undefined
  return { keyId: managedId(scope, service), alias, description, policy: policyOf(scope, service) }
}

/** The key of that id, if it is an AWS-managed one. */
export function managedKeyById(scope: Scope, keyId: string): ManagedKey | undefined {
  const service = Object.keys(DESCRIPTIONS).find(name => managedId(scope, name) === keyId)
  return service === undefined ? undefined : managedKeyOf(scope, `alias/aws/${service}`)
}

function managedId({ account, region }: Scope, service: string): string {
  const digest = createHash('sha256').update(`codeyard/kms/${account}/${region}/aws/${service}`).digest()
  digest[6] = (digest[6]! & 0x0f) | 0x80 // a version 8 UUID: made from a name, in a way of our own
  digest[8] = (digest[8]! & 0x3f) | 0x80
  const hex = digest.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

// AWS: the policy of its managed keys lets everybody in the account use them, but only through the service [key-policies].
const policyOf = ({ account, region }: Scope, service: string): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Id: `auto-${service}-1`,
      Statement: [
        {
          Sid: `Allow access through ${service} for all principals in the account that are authorized to use ${service}`,
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: [
            'kms:Encrypt',
            'kms:Decrypt',
            'kms:ReEncrypt*',
            'kms:GenerateDataKey*',
            'kms:CreateGrant',
            'kms:DescribeKey',
          ],
          Resource: '*',
          Condition: {
            StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
          },
        },
        {
          Sid: 'Allow direct access to key metadata to the account',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
          Resource: '*',
        },
      ],
    },
    null,
    2,
  )

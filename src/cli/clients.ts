// SDK clients of one account on one endpoint: the command line reaches Codeyard as any other program does.

import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { CodeBuild } from '@aws-sdk/client-codebuild'
import { CodeCommit } from '@aws-sdk/client-codecommit'
import { CodeDeploy } from '@aws-sdk/client-codedeploy'
import { CodePipeline } from '@aws-sdk/client-codepipeline'
import { IAM } from '@aws-sdk/client-iam'
import { S3 } from '@aws-sdk/client-s3'
import { SSM } from '@aws-sdk/client-ssm'

export interface Connection {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export type Clients = ReturnType<typeof clientsOf>

export function clientsOf({ endpoint, region, credentials }: Connection) {
  const settings = { endpoint, region, credentials, maxAttempts: 6 }
  const clients = {
    logs: new CloudWatchLogs(settings),
    codebuild: new CodeBuild(settings),
    codecommit: new CodeCommit(settings),
    codedeploy: new CodeDeploy(settings),
    codepipeline: new CodePipeline(settings),
    iam: new IAM(settings),
    ssm: new SSM(settings),
    s3: new S3({ ...settings, forcePathStyle: true }),
  }
  return {
    ...clients,
    close() {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

/** What the environment says (as `codeyard env` prints it), for commands that talk to a Codeyard that runs. */
export function connectionFromEnvironment(env: NodeJS.ProcessEnv = process.env): Connection {
  const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (!endpoint || !accessKeyId || !secretAccessKey) {
    throw new Error('AWS_ENDPOINT_URL and keys are not set: run eval "$(codeyard env)" first')
  }
  return {
    endpoint,
    region: env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
  }
}

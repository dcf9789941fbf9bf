// Every service in the house.

import type { Service } from './operation/service.ts'
import { cloudtrail } from './services/cloudtrail/index.ts'
import { cloudwatch } from './services/cloudwatch/index.ts'
import { codebuild } from './services/codebuild/index.ts'
import { codecommit } from './services/codecommit/index.ts'
import { codedeployCommands } from './services/codedeploy/commands.ts'
import { codedeploy } from './services/codedeploy/index.ts'
import { codepipeline } from './services/codepipeline/index.ts'
import { events } from './services/events/index.ts'
import { iam } from './services/iam/index.ts'
import { kms } from './services/kms/index.ts'
import { logs } from './services/logs/index.ts'
import { s3 } from './services/s3/index.ts'
import { secretsmanager } from './services/secretsmanager/index.ts'
import { sns } from './services/sns/index.ts'
import { ssm } from './services/ssm/index.ts'
import { sts } from './services/sts/index.ts'

export const services: readonly Service[] = [
  cloudtrail,
  cloudwatch,
  codebuild,
  codecommit,
  codedeploy,
  codedeployCommands,
  codepipeline,
  events,
  iam,
  kms,
  logs,
  s3,
  secretsmanager,
  sns,
  ssm,
  sts,
]

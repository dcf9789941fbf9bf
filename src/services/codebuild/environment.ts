// Which build environments a project may ask for, in AWS's own terms, and what this house can not give.

import type { ProjectEnvironment } from '@aws-sdk/client-codebuild'
import { fail } from './errors.ts'
import { isCurated } from './images.ts'

/** Fails with InvalidInputException. */
export function validateEnvironment(environment: ProjectEnvironment): void {
  const { type, image, computeType, computeConfiguration, registryCredential, dockerServer } = environment
  if (/^WINDOWS|^MAC|LAMBDA|_EC2$|GPU/.test(type!))
    invalid(`type ${type} is not supported by Codeyard, builds run on Linux in containers`)
  // AWS: lambda sizes are for lambda environments only [ProjectEnvironment].
  if (/^BUILD_LAMBDA_/.test(computeType!)) invalid(`compute type ${computeType} can not be used with type ${type}`)
  if (computeType === 'ATTRIBUTE_BASED_COMPUTE' && !computeConfiguration && !environment.fleet)
    invalid('computeConfiguration is required for the compute type ATTRIBUTE_BASED_COMPUTE')
  if (dockerServer)
    invalid('dockerServer is not supported by Codeyard: use privilegedMode with LOCAL_DOCKER_LAYER_CACHE instead')
  // AWS: "When you use a cross-account or private registry image, you must use SERVICE_ROLE credentials. When you use an CodeBuild
  // curated image, you must use CODEBUILD credentials." [ProjectEnvironment]
  const byRole = environment.imagePullCredentialsType === 'SERVICE_ROLE'
  if (isCurated(image) && byRole) invalid('imagePullCredentialsType must be CODEBUILD for a CodeBuild curated image')
  if (registryCredential && isCurated(image))
    invalid('registryCredential can not be used with a CodeBuild curated image')
  if (registryCredential && !byRole) invalid('registryCredential needs the imagePullCredentialsType SERVICE_ROLE')
  if (!isReference(image!)) invalid(`${image} is not the name of an image`)
}

const invalid = (why: string): never => fail('InvalidInputException', `Invalid environment: ${why}`)

/** registry/repository:tag, registry/repository@sha256:digest, or both. */
export const isReference = (image: string): boolean =>
  image.length <= 512 &&
  /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/i.test(image)

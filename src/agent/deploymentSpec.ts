// What the service wants done, out of the signed envelope: checked as the CodeDeploy agent checks it, with its texts.

import { contentOfSignedData } from './pkcs7.ts'

export type BundleType = 'tar' | 'tgz' | 'zip'

export type Revision =
  | {
      readonly type: 'S3'
      readonly bucket: string
      readonly key: string
      readonly bundleType: BundleType
      readonly version?: string
      readonly etag?: string
    }
  | { readonly type: 'Local File'; readonly location: string; readonly bundleType: BundleType }
  | { readonly type: 'Local Directory'; readonly location: string }

export interface DeploymentSpec {
  readonly deploymentId: string
  readonly groupId: string
  readonly groupName: string
  readonly applicationName: string
  /** `codeDeployRollback` changes which revision's hooks run. */
  readonly creator: string
  readonly type: string
  readonly appspecFilename: string
  readonly fileExistsBehavior: string
  readonly revision: Revision
}

export interface Envelope {
  readonly Format?: string | undefined
  readonly Payload?: string | undefined
}

/** Opens the service's envelope. Only signed ones are accepted over the wire; throws with the agent's text. */
export function openEnvelope(envelope: Envelope | undefined): DeploymentSpec {
  if (!envelope) throw new Error('Provided deployment spec was nil')
  if (envelope.Format !== 'PKCS7/JSON')
    throw new Error(`Unsupported DeploymentSpecification format: ${envelope.Format}`)
  return readSpec(JSON.parse(contentOfSignedData(envelope.Payload ?? '').toString('utf8')))
}

export function readSpec(data: any): DeploymentSpec {
  for (const property of ['DeploymentId', 'DeploymentGroupId', 'DeploymentGroupName', 'ApplicationName']) {
    if (!data?.[property]) throw new Error(`Deployment Spec has no ${property}`)
  }
  if (!data.Revision) throw new Error('Must specify a revison') // its real spelling
  const id = String(data.DeploymentId)
  return {
    deploymentId: id.startsWith('arn:') ? (id.split(':').slice(5).join(':').split('/')[1] ?? '') : id,
    groupId: String(data.DeploymentGroupId),
    groupName: String(data.DeploymentGroupName),
    applicationName: String(data.ApplicationName),
    creator: data.DeploymentCreator ?? 'user',
    type: data.DeploymentType ?? 'IN_PLACE',
    appspecFilename: data.AppSpecFilename || 'appspec.yml',
    fileExistsBehavior: (data.AgentActionOverrides?.AgentOverrides?.FileExistsBehavior || 'DISALLOW').toUpperCase(),
    revision: readRevision(data.Revision),
  }
}

function readRevision(revision: any): Revision {
  switch (revision.RevisionType) {
    case undefined:
    case null:
      throw new Error('Must specify a revision source')
    case 'S3': {
      const { Bucket, Key, BundleType, Version, ETag } = revision.S3Revision ?? {}
      if (!Bucket || !Key || !BundleType)
        throw new Error('S3Revision in Deployment Spec must specify Bucket, Key and BundleType')
      if (!isBundleType(BundleType)) throw new Error('BundleType in S3Revision must be tar, tgz or zip')
      return {
        type: 'S3',
        bucket: Bucket,
        key: Key,
        bundleType: BundleType,
        ...(Version ? { version: Version } : {}),
        ...(ETag ? { etag: ETag } : {}),
      }
    }
    case 'Local File': {
      const { Location, BundleType } = revision.LocalRevision ?? {}
      if (!Location || !isBundleType(BundleType)) {
        throw new Error('BundleType in LocalRevision must be tar, tgz, zip, or directory')
      }
      return { type: 'Local File', location: Location, bundleType: BundleType }
    }
    case 'Local Directory': {
      const { Location } = revision.LocalRevision ?? {}
      if (!Location) throw new Error('LocalRevision in Deployment Spec must specify Location and BundleType')
      return { type: 'Local Directory', location: Location }
    }
    case 'GitHub':
      throw new Error('This agent does not download revisions from GitHub; put the revision into S3.')
    default:
      throw new Error('Exactly one of S3Revision, GitHubRevision, or LocalRevision must be specified')
  }
}

const isBundleType = (type: unknown): type is BundleType => type === 'tar' || type === 'tgz' || type === 'zip'

import { describe, expect, test } from 'vitest'
import type { Principal } from '../operation/principal.ts'
import { requestContext } from './requestContext.ts'

const NOW = new Date('2026-03-01T10:00:00.500Z')
const ORIGIN = { sourceIp: '203.0.113.7', userAgent: 'aws-cli', secure: true }
const ROLE: Principal = {
  type: 'assumedRole',
  account: '1',
  arn: 'arn:aws:sts::1:assumed-role/build/run',
  roleArn: 'arn:aws:iam::1:role/ci/build',
  roleId: 'AROAX',
  sessionName: 'run',
  tags: { team: 'red', stage: 'dev' },
  session: {
    expires: new Date('2026-03-01T11:00:00Z'),
    issuedAt: new Date('2026-03-01T09:00:00Z'),
    mfaAuthenticatedAt: '2026-03-01T09:58:00Z',
    tags: { stage: 'prod' },
    issuedTo: 'codebuild.amazonaws.com',
  },
}

describe('the context of a request', () => {
  test('of a user tells name, id, network and time', () => {
    const alice: Principal = {
      type: 'user',
      account: '1',
      arn: 'arn:aws:iam::1:user/alice',
      userId: 'AIDAX',
      userName: 'alice',
    }
    expect(requestContext(alice, ORIGIN, NOW, 'eu-west-1')).toEqual({
      'aws:CurrentTime': '2026-03-01T10:00:00Z',
      'aws:EpochTime': '1772359200',
      'aws:SecureTransport': 'true',
      'aws:SourceIp': '203.0.113.7',
      'aws:UserAgent': 'aws-cli',
      'aws:RequestedRegion': 'eu-west-1',
      'aws:PrincipalArn': 'arn:aws:iam::1:user/alice',
      'aws:PrincipalAccount': '1',
      'aws:PrincipalType': 'User',
      'aws:PrincipalIsAWSService': 'false',
      'aws:ViaAWSService': 'false',
      'aws:userid': 'AIDAX',
      'aws:username': 'alice',
    })
  })

  test('of a session tells the role, its tags under those of the session, the token and MFA', () => {
    const context = requestContext(ROLE, ORIGIN, NOW, 'eu-west-1')
    expect(context).toMatchObject({
      'aws:PrincipalArn': 'arn:aws:iam::1:role/ci/build',
      'aws:PrincipalType': 'AssumedRole',
      'aws:userid': 'AROAX:run',
      'aws:PrincipalTag/team': 'red',
      'aws:PrincipalTag/stage': 'prod',
      'aws:TokenIssueTime': '2026-03-01T09:00:00Z',
      'aws:MultiFactorAuthPresent': 'true',
      'aws:MultiFactorAuthAge': '120',
    })
    expect(context).not.toHaveProperty('aws:username')
  })

  test('of a call that a service passes on with its caller’s permissions names the service, and no address', () => {
    const origin = { ...ORIGIN, sourceIp: 'codepipeline.amazonaws.com' }
    const context = requestContext(ROLE, origin, NOW, 'eu-west-1')
    expect(context).toMatchObject({ 'aws:ViaAWSService': 'true', 'aws:CalledVia': ['codepipeline.amazonaws.com'] })
    expect(context).not.toHaveProperty('aws:SourceIp')
  })

  test('of a service in a role that it assumed itself is not via anything', () => {
    const origin = { ...ORIGIN, sourceIp: 'codebuild.amazonaws.com' }
    expect(requestContext(ROLE, origin, NOW, 'eu-west-1')).toMatchObject({ 'aws:ViaAWSService': 'false' })
  })
})

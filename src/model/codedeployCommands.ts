// The CodeDeploy agent's private API in the form of the SDK's schemas: no SDK package has it.
// AWS: aws-codedeploy-agent, vendor/gems/codedeploy-commands-1.0.0/apis/CodeDeployCommand.api.json

import type { StaticErrorSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types'
import type { Constraints } from './constraints.ts'

const NS = 'com.amazonaws.codedeploycommands'
const STRING = 0
const NUMBER = 1
const TIMESTAMP = 4

type Members = Record<string, number | StaticStructureSchema>

const structure = (name: string, members: Members): StaticStructureSchema => [
  3,
  NS,
  name,
  0,
  Object.keys(members),
  Object.values(members),
]

const error = (name: string, fault: 'client' | 'server'): StaticErrorSchema => [
  -3,
  NS,
  name,
  { error: fault, httpError: fault === 'client' ? 400 : 500 },
  ['message'],
  [STRING],
]

const operation = (name: string, input: Members, output: Members): StaticOperationSchema => [
  9,
  NS,
  name,
  0,
  structure(`${name}Input`, input),
  structure(`${name}Output`, output),
]

const envelope = structure('Envelope', { Format: STRING, Payload: STRING })
const hostCommand = structure('HostCommandInstance', {
  HostCommandIdentifier: STRING,
  HostIdentifier: STRING,
  DeploymentExecutionId: STRING,
  CommandName: STRING,
  Nonce: NUMBER,
})
const deploymentSpecification = structure('DeploymentSpecification', {
  GenericEnvelope: envelope,
  VariantId: STRING,
  VariantEnvelope: envelope,
})

export const codedeployCommandsSchemas: Record<string, unknown> = {
  ClientException: error('ClientException', 'client'),
  ServerException: error('ServerException', 'server'),
  PollHostCommand: operation('PollHostCommand', { HostIdentifier: STRING }, { HostCommand: hostCommand }),
  GetDeploymentSpecification: operation(
    'GetDeploymentSpecification',
    { DeploymentExecutionId: STRING, HostIdentifier: STRING },
    { DeploymentSystem: STRING, DeploymentSpecification: deploymentSpecification },
  ),
  PutHostCommandAcknowledgement: operation(
    'PutHostCommandAcknowledgement',
    { HostCommandIdentifier: STRING, Diagnostics: envelope },
    { CommandStatus: STRING },
  ),
  PostHostCommandUpdate: operation(
    'PostHostCommandUpdate',
    { HostCommandIdentifier: STRING, EstimatedCompletionTime: TIMESTAMP, Diagnostics: envelope },
    { CommandStatus: STRING },
  ),
  PutHostCommandComplete: operation(
    'PutHostCommandComplete',
    { HostCommandIdentifier: STRING, CommandStatus: STRING, Diagnostics: envelope },
    {},
  ),
}

const required = (...names: string[]) => ({ type: 'structure', required: names }) as const

export const codedeployCommandsConstraints: Constraints = {
  operations: {
    PollHostCommand: 'Poll',
    GetDeploymentSpecification: 'GetSpecification',
    PutHostCommandAcknowledgement: 'Report',
    PostHostCommandUpdate: 'Report',
    PutHostCommandComplete: 'Complete',
  },
  shapes: {
    Poll: required('HostIdentifier'),
    GetSpecification: {
      ...required('DeploymentExecutionId', 'HostIdentifier'),
      members: { DeploymentExecutionId: 'DeploymentExecutionId' },
    },
    Report: { ...required('HostCommandIdentifier'), members: { Diagnostics: 'Envelope' } },
    Complete: {
      ...required('HostCommandIdentifier', 'CommandStatus'),
      members: { CommandStatus: 'CommandStatus', Diagnostics: 'Envelope' },
    },
    DeploymentExecutionId: { type: 'string', min: 1, max: 129, pattern: '^[^/]+/[^/]+/[^/]+/.+$' },
    CommandStatus: { type: 'string', enum: ['Pending', 'InProgress', 'Succeeded', 'Failed'] },
    Envelope: { type: 'structure', members: { Format: 'Format', Payload: 'Payload' } },
    Format: { type: 'string', max: 64 },
    Payload: { type: 'string', max: 8192 },
  },
}

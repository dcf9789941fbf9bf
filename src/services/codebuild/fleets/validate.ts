// What can not be a fleet: AWS's own rules, and what no builder of this house could do, said by name.

import type { VpcConfig } from '@aws-sdk/client-codebuild'
import { fail } from '../errors.ts'
import type { FleetDefinition } from './fleets.ts'

const SUPPORTED = new Set(['LINUX_CONTAINER', 'ARM_CONTAINER'])

/** Fails with InvalidInputException. */
export function validateFleet(definition: FleetDefinition, account: string): void {
  const { baseCapacity, environmentType, imageId, proxyConfiguration, fleetServiceRole, vpcConfig } = definition
  if (baseCapacity < 0) fail('InvalidInputException', 'Invalid base capacity: baseCapacity must not be negative')
  if (!SUPPORTED.has(environmentType!)) {
    const sentence = `Invalid environment type: ${environmentType} is not supported by Codeyard, fleets are of LINUX_CONTAINER or ARM_CONTAINER`
    fail('InvalidInputException', sentence)
  }
  validateCompute(definition)
  validateScaling(definition)
  if (imageId !== undefined) {
    const sentence = `Invalid image: imageId ${imageId} is not supported by Codeyard, a machine of a fleet is a builder as it was installed`
    fail('InvalidInputException', sentence)
  }
  if (proxyConfiguration !== undefined) {
    const sentence =
      'Invalid proxy configuration: proxyConfiguration is not supported by Codeyard, it would not keep builds from any address'
    fail('InvalidInputException', sentence)
  }
  const [, roleAccount] = /^arn:aws[\w-]*:iam::(\d{12}):role\/.+$/.exec(fleetServiceRole ?? '') ?? []
  if (fleetServiceRole !== undefined && roleAccount !== account) {
    const sentence = `Invalid fleet service role: ${fleetServiceRole} is not the ARN of a role of this account`
    fail('InvalidInputException', sentence)
  }
  validateVpc(vpcConfig, fleetServiceRole)
}

function validateCompute({ computeType, computeConfiguration }: FleetDefinition): void {
  if (computeType?.startsWith('BUILD_LAMBDA'))
    fail('InvalidInputException', `Invalid compute type: ${computeType} can not be used with reserved capacity`)
  if (computeType === 'CUSTOM_INSTANCE_TYPE') {
    // AWS: verbatim (public issue threads).
    if (!computeConfiguration?.instanceType)
      fail('InvalidInputException', 'Invalid instance type: InstanceType should be a valid EC2 instance type')
    const sentence =
      'Invalid compute type: CUSTOM_INSTANCE_TYPE is not supported by Codeyard, it starts no instances: use ATTRIBUTE_BASED_COMPUTE'
    fail('InvalidInputException', sentence)
  }
  if (computeType !== 'ATTRIBUTE_BASED_COMPUTE') {
    if (computeConfiguration !== undefined) {
      const sentence =
        'Invalid compute configuration: computeConfiguration needs the computeType ATTRIBUTE_BASED_COMPUTE'
      fail('InvalidInputException', sentence)
    }
    return
  }
  const missing = 'Invalid compute configuration: computeConfiguration is required for ATTRIBUTE_BASED_COMPUTE'
  const { vCpu, memory, disk, machineType, instanceType } =
    computeConfiguration ?? fail('InvalidInputException', missing)
  for (const [name, value] of Object.entries({ vCpu, memory, disk }))
    if (value !== undefined && value < 1)
      fail('InvalidInputException', `Invalid compute configuration: ${name} must be greater than 0`)
  if (instanceType !== undefined)
    fail(
      'InvalidInputException',
      'Invalid compute configuration: instanceType needs the computeType CUSTOM_INSTANCE_TYPE',
    )
  if (machineType !== undefined && machineType !== 'GENERAL') {
    const sentence = `Invalid compute configuration: machineType ${machineType} is not supported by Codeyard, builders have the disks they have`
    fail('InvalidInputException', sentence)
  }
}

function validateScaling({ baseCapacity, scalingConfiguration }: FleetDefinition): void {
  if (scalingConfiguration === undefined) return
  const { scalingType, targetTrackingScalingConfigs, maxCapacity } = scalingConfiguration
  if (scalingType === undefined) fail('InvalidInputException', 'Invalid scaling configuration: scalingType is required')
  if (maxCapacity === undefined || maxCapacity <= baseCapacity)
    fail('InvalidInputException', 'Invalid scaling configuration: maxCapacity must be greater than baseCapacity')
  for (const { metricType, targetValue } of targetTrackingScalingConfigs ?? []) {
    if (metricType === undefined || targetValue === undefined)
      fail('InvalidInputException', 'Invalid scaling configuration: metricType and targetValue are required')
    if (targetValue! <= 0 || targetValue! > 1)
      fail('InvalidInputException', 'Invalid scaling configuration: targetValue must be between 0 and 1')
  }
}

// DEVIATES: builders are where they are: vpcConfig and its fleetServiceRole are kept for stacks that name them, and each build's log says so.
// AWS: a fleet in a VPC needs a role that may make network interfaces there [fleets.policy].
function validateVpc(vpcConfig: VpcConfig | undefined, role: string | undefined): void {
  if (vpcConfig === undefined) return
  const { vpcId, subnets, securityGroupIds } = vpcConfig
  if (!vpcId || !subnets?.length || !securityGroupIds?.length)
    fail('InvalidInputException', 'Invalid vpc config: vpcId, subnets and securityGroupIds are required')
  if (role === undefined)
    fail('InvalidInputException', 'Invalid vpc config: fleetServiceRole is required for a fleet in a VPC')
}

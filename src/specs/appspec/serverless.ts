// Appspecs of Lambda and Amazon ECS: recognised by their Resources and checked, so that `validate` can speak of them.

import type { ServerlessAppspec } from './appspec.ts'
import type { Path, Reader } from './reader.ts'
import { checkVersion, isMap } from './server.ts'

const PLATFORMS = {
  'AWS::Lambda::Function': {
    platform: 'lambda',
    required: ['Name', 'Alias', 'CurrentVersion', 'TargetVersion'],
    hooks: ['BeforeAllowTraffic', 'AfterAllowTraffic'],
  },
  'AWS::ECS::Service': {
    platform: 'ecs',
    required: ['TaskDefinition', 'LoadBalancerInfo'],
    hooks: ['BeforeInstall', 'AfterInstall', 'AfterAllowTestTraffic', 'BeforeAllowTraffic', 'AfterAllowTraffic'],
  },
} as const

export function readServerless(reader: Reader, root: Record<string, unknown>): ServerlessAppspec {
  const resourcesKey = 'Resources' in root ? 'Resources' : 'resources'
  const hooksKey = 'Hooks' in root ? 'Hooks' : 'hooks'
  reader.unknownKeys([], ['version', resourcesKey, hooksKey], 'an appspec')
  checkVersion(reader, root.version)
  const type = readResource(reader, resourcesKey, root[resourcesKey])
  const { platform, hooks: known } = PLATFORMS[type ?? 'AWS::ECS::Service']
  const hooks = new Map<string, string>()
  const listed = Array.isArray(root[hooksKey]) ? (root[hooksKey] as unknown[]) : []
  if (root[hooksKey] !== undefined && root[hooksKey] !== null && !Array.isArray(root[hooksKey])) {
    reader.error([hooksKey], `${hooksKey} must be a list of single lifecycle events with their functions.`)
  }
  for (const [index, entry] of listed.entries()) {
    if (!isMap(entry)) {
      reader.error([hooksKey, index], 'a hook is a lifecycle event with the name or ARN of a Lambda function.')
      continue
    }
    for (const [event, target] of Object.entries(entry)) {
      const path: Path = [hooksKey, index, event]
      if (!(known as readonly string[]).includes(event))
        reader.error(path, `${event} is not a lifecycle event of ${platform === 'ecs' ? 'Amazon ECS' : 'Lambda'}.`)
      if (typeof target !== 'string' || target === '') reader.error(path, `${event} must name a Lambda function.`)
      else hooks.set(event, target)
    }
  }
  return { platform, hooks }
}

function readResource(reader: Reader, key: string, resources: unknown): keyof typeof PLATFORMS | undefined {
  const entry = Array.isArray(resources) && resources.length === 1 ? resources[0] : undefined
  const [name, resource] = isMap(entry) ? (Object.entries(entry)[0] ?? []) : []
  if (name === undefined || !isMap(resource)) {
    reader.error([key], `${key} must be a list of exactly one resource.`)
    return undefined
  }
  const path: Path = [key, 0, name]
  const type = resource.Type ?? resource.type
  if (type !== 'AWS::Lambda::Function' && type !== 'AWS::ECS::Service') {
    reader.error(path, 'Type must be AWS::Lambda::Function or AWS::ECS::Service.')
    return undefined
  }
  const properties = resource.Properties ?? resource.properties
  if (!isMap(properties)) {
    reader.error(path, 'Properties are missing.')
    return type
  }
  const names = new Set(Object.keys(properties).map(property => property.toLowerCase()))
  for (const required of PLATFORMS[type].required) {
    if (!names.has(required.toLowerCase()))
      reader.error([...path, 'Properties'], `the property ${required} is missing.`)
  }
  return type
}

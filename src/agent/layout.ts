// Where the agent keeps things below its root: the same names as the CodeDeploy agent, so that people's scripts find them.

import { join, resolve } from 'node:path'

export interface Layout {
  readonly root: string
  readonly instructions: string
  readonly ongoing: string
  /** All deployments' script output, one file. */
  readonly deploymentsLog: string
  /** Credentials and identity of this host, as `aws deploy register` writes them. */
  readonly onPremisesConfig: string
  deployment(groupId: string, deploymentId: string): DeploymentLayout
  group(groupId: string): GroupLayout
}

export interface DeploymentLayout {
  readonly directory: string
  /** Named tar whatever it is. */
  readonly bundle: string
  readonly archive: string
  readonly archiveTemporary: string
  readonly scriptsLog: string
  /** Which process group runs an event's script now: to end it after a crash. */
  readonly process: string
}

export interface GroupLayout {
  readonly directory: string
  readonly install: string
  readonly cleanup: string
  readonly lastSuccessful: string
  readonly mostRecent: string
}

/** `root` is AWS's /opt/codedeploy-agent/deployment-root. */
export function layoutOf(root: string): Layout {
  const absolute = resolve(root)
  const instructions = join(absolute, 'deployment-instructions')
  return {
    root: absolute,
    instructions,
    ongoing: join(absolute, 'ongoing-deployment'),
    deploymentsLog: join(absolute, 'deployment-logs', 'codedeploy-agent-deployments.log'),
    onPremisesConfig: join(absolute, 'codedeploy.onpremises.yml'),
    deployment: (groupId, deploymentId) => deploymentLayout(join(absolute, segment(groupId), segment(deploymentId))),
    group: groupId => ({
      directory: join(absolute, segment(groupId)),
      install: join(instructions, `${segment(groupId)}-install.json`),
      cleanup: join(instructions, `${segment(groupId)}-cleanup`),
      lastSuccessful: join(instructions, `${segment(groupId)}_last_successful_install`),
      mostRecent: join(instructions, `${segment(groupId)}_most_recent_install`),
    }),
  }
}

export function deploymentLayout(directory: string): DeploymentLayout {
  return {
    directory,
    bundle: join(directory, 'bundle.tar'),
    archive: join(directory, 'deployment-archive'),
    archiveTemporary: join(directory, 'deployment-archive-temp'),
    scriptsLog: join(directory, 'logs', 'scripts.log'),
    process: join(directory, 'script-process.json'),
  }
}

/** Ids come from a server: one that could leave the root is refused. */
function segment(id: string): string {
  if (id === '' || id === '.' || id === '..' || /[/\0]/.test(id)) throw new Error(`Not an id: ${JSON.stringify(id)}`)
  return id
}

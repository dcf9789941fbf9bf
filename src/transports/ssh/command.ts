// Which command a git client may run over SSH: fetch from or push to one repository, nothing else.

export interface GitCommand {
  readonly service: 'git-upload-pack' | 'git-receive-pack'
  readonly repositoryName: string
}

const COMMAND = /^(git-upload-pack|git-receive-pack|git upload-pack|git receive-pack) (?:'([^']*)'|"([^"]*)"|(\S+))$/
const PATH = /^\/?(?:v1\/repos\/)([^/]+)\/?$/

/** Undefined for anything that git does not send. */
export function readCommand(text: string): GitCommand | undefined {
  const [, service, ...quoted] = COMMAND.exec(text.trim()) ?? []
  const [, repositoryName] = PATH.exec(quoted.find(one => one !== undefined) ?? '') ?? []
  if (!service || !repositoryName) return undefined
  return { service: service.replace(' ', '-') as GitCommand['service'], repositoryName }
}

// Decides what an Install does, before anything is touched: the list of instructions that is also written to disk
// [installer.rb, install_instruction.rb]. It looks at the file system, it changes nothing.

import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import {
  type AccessControlEntry,
  formatAce,
  type Permission,
  type SecurityContext,
  type ServerAppspec,
} from '../specs/appspec/appspec.ts'
import { matchesSimpleGlob } from '../specs/appspec/glob.ts'

export type Instruction =
  | { readonly type: 'copy'; readonly source: string; readonly destination: string }
  | { readonly type: 'mkdir'; readonly directory: string }
  | { readonly type: 'chmod'; readonly mode: string; readonly file: string }
  | { readonly type: 'setfacl'; readonly acl: readonly AccessControlEntry[]; readonly file: string }
  | { readonly type: 'semanage'; readonly context: SecurityContext; readonly file: string }
  | { readonly type: 'chown'; readonly owner?: string; readonly group?: string; readonly file: string }

/** Throws with the agent's sentence when the appspec asks for what can not be. */
export function planInstall(archive: string, appspec: ServerAppspec, defaultBehavior: string): readonly Instruction[] {
  const plan = createPlan()
  const behavior = appspec.fileExistsBehavior ?? defaultBehavior
  for (const { source, destination } of appspec.files) {
    const from = join(archive, source)
    if (isDirectory(from)) {
      plan.addMissingAncestors(destination)
      planDirectory(plan, from, destination, { behavior, above: [] })
    } else {
      const to = join(destination, basename(from))
      plan.addMissingAncestors(to)
      planFile(plan, from, to, behavior)
    }
  }
  for (const permission of appspec.permissions) planPermission(plan, permission)
  return plan.instructions
}

/** The instruction file, in the agent's form. */
export function instructionsJson(instructions: readonly Instruction[]): string {
  return JSON.stringify({
    instructions: instructions.map(instruction => {
      if (instruction.type === 'setfacl') return { ...instruction, acl: instruction.acl.map(formatAce) }
      if (instruction.type === 'chown') {
        return {
          type: 'chown',
          owner: instruction.owner ?? null,
          group: instruction.group ?? null,
          file: instruction.file,
        }
      }
      return instruction
    }),
  })
}

type Plan = ReturnType<typeof createPlan>

function createPlan() {
  const instructions: Instruction[] = []
  const copies = new Map<string, string>()
  const directories = new Set<string>()
  const permitted = new Set<string>()
  const plan = {
    instructions,
    copies,
    directories,
    copy(source: string, to: string): void {
      const destination = resolve(to)
      if (copies.has(destination)) {
        throw new Error(
          `The deployment failed because the application specification file specifies two source files named ${source} and ${copies.get(destination)} for the same destination (${destination}). Remove one of the source file paths from the AppSpec file, and then try again.`,
        )
      }
      if (directories.has(destination)) {
        throw new Error(
          `The deployment failed because the application specification file calls for installing the file ${source}, but a file with that name already exists at the location (${destination}). Update your AppSpec file or directory structure, and then try again.`,
        )
      }
      copies.set(destination, source)
      instructions.push({ type: 'copy', source, destination })
    },
    mkdir(path: string): void {
      const directory = resolve(path)
      if (copies.has(directory)) {
        throw new Error(
          `The deployment failed because the application specification file includes an mkdir command more than once for the same destination path (${directory}) from (${copies.get(directory)}). Update the files section of the AppSpec file, and then try again.`,
        )
      }
      if (directories.has(directory)) return
      directories.add(directory)
      instructions.push({ type: 'mkdir', directory })
    },
    addMissingAncestors(destination: string): void {
      const missing: string[] = []
      for (let parent = dirname(destination); !existsSync(parent) && parent !== '.' && parent !== '/'; ) {
        missing.unshift(parent)
        parent = dirname(parent)
      }
      for (const directory of missing) plan.mkdir(directory)
    },
    permit(path: string, permission: Permission): void {
      const file = resolve(path)
      if (permitted.has(file)) {
        throw new Error(
          `The deployment failed because the permissions setting for (${file}) is specified more than once in the application specification file. Update the files section of the AppSpec file, and then try again.`,
        )
      }
      permitted.add(file)
      const { mode, acls, context, owner, group } = permission
      if (mode !== undefined) instructions.push({ type: 'chmod', mode, file })
      if (acls) instructions.push({ type: 'setfacl', acl: acls, file })
      if (context) instructions.push({ type: 'semanage', context, file })
      if (owner !== undefined || group !== undefined) {
        instructions.push({
          type: 'chown',
          file,
          ...(owner === undefined ? {} : { owner }),
          ...(group === undefined ? {} : { group }),
        })
      }
    },
  }
  return plan
}

interface Descent {
  readonly behavior: string
  /** Real paths of the directories above: a link to one of them would never end. */
  readonly above: readonly string[]
}

function planDirectory(plan: Plan, source: string, destination: string, descent: Descent): void {
  const real = realpathSync(source)
  if (descent.above.includes(real))
    throw new Error(`The directory ${source} of the revision links to a directory above itself.`)
  if (!isDirectory(destination)) plan.mkdir(destination)
  for (const entry of readdirSync(source)) {
    const [from, to] = [join(source, entry), join(destination, entry)]
    if (isDirectory(from)) planDirectory(plan, from, to, { ...descent, above: [...descent.above, real] })
    else planFile(plan, from, to, descent.behavior)
  }
}

function planFile(plan: Plan, source: string, destination: string, behavior: string): void {
  if (!lstatSync(source, { throwIfNoEntry: false })) {
    throw new Error(
      `No such file or directory - ${source}: the AppSpec file names a source that the revision does not have.`,
    )
  }
  switch (existsSync(destination) ? behavior : 'OVERWRITE') {
    case 'DISALLOW':
      // AWS: the agent's text [installer.rb].
      throw new Error(`The deployment failed because a specified file already exists at this location: ${destination}`)
    case 'OVERWRITE':
      plan.copy(source, destination)
      return
    case 'RETAIN':
      return
    default:
      throw new Error(
        `The deployment failed because an invalid option was specified for fileExistsBehavior: ${behavior}. Valid options include OVERWRITE, RETAIN, and DISALLOW.`,
      )
  }
}

/** Only what this deployment copies or makes is changed. */
function planPermission(plan: Plan, permission: Permission): void {
  const object = resolve(permission.object)
  if (plan.copies.has(object)) {
    if (!permission.types.includes('file')) return
    if (permission.pattern !== '**') {
      throw new Error(
        `The deployment failed because the application specification file includes an object (${permission.object}) with an invalid pattern (${permission.pattern}), such as a pattern for a file applied to a directory. Correct the permissions section of the AppSpec file, and then try again.`,
      )
    }
    if (permission.except.length > 0) {
      throw new Error(
        `The deployment failed because the except parameter for a pattern in the permissions section (${JSON.stringify(permission.except)}) for the object named ${permission.object} contains an invalid format. Update the AppSpec file, and then try again.`,
      )
    }
    refuseDefaultAcl(permission)
    plan.permit(object, permission)
  } else if (plan.directories.has(object) || isDirectory(object)) {
    const below = object.endsWith('/') ? object : `${object}/`
    const matches = (path: string) => {
      if (!path.startsWith(below)) return false
      const name = path.slice(below.length)
      const wanted = permission.pattern === '**' || matchesSimpleGlob(name, permission.pattern)
      return wanted && !permission.except.some(glob => matchesSimpleGlob(name, glob))
    }
    if (permission.types.includes('file')) {
      for (const path of [...plan.copies.keys()].filter(matches)) {
        refuseDefaultAcl(permission)
        plan.permit(path, permission)
      }
    }
    if (permission.types.includes('directory')) {
      for (const path of [...plan.directories].filter(matches)) plan.permit(path, permission)
    }
  }
}

function refuseDefaultAcl(permission: Permission): void {
  if (permission.acls?.some(ace => ace.isDefault)) {
    throw new Error(
      'The deployment failed because the -d parameter has been specified to apply an acl setting to a file. This parameter is supported for directories only. Update the AppSpec file, and then try again.',
    )
  }
}

const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

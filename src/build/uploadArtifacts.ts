// UPLOAD_ARTIFACTS: chooses the files of each artifact that both the project and the buildspec name, and has them stored.

import type { Sandbox } from '../sandbox/sandbox.ts'
import type { ArtifactSpec } from '../specs/buildspec/buildspec.ts'
import { collectFiles } from './artifacts.ts'
import { BuildFailure } from './build.ts'
import type { PhaseContext } from './phases.ts'
import type { Session } from './session.ts'

/** Answers the context of what went wrong, or undefined when all artifacts are stored. */
export async function uploadArtifacts(session: Session, sandbox: Sandbox): Promise<PhaseContext | undefined> {
  const { artifacts } = session.progress.commands?.spec ?? {}
  const wanted = session.plan.artifacts
  try {
    for (const identifier of wanted) {
      if (identifier === '') continue
      if (!artifacts?.secondary[identifier]) {
        // AWS: an identifier of the project that the buildspec does not define fails the phase.
        throw new BuildFailure(
          'CLIENT_ERROR',
          `no definition for artifact ${identifier} in the buildspec's secondary-artifacts`,
        )
      }
    }
    if (wanted.includes('')) {
      if (artifacts && artifacts.files.length > 0) await uploadOne(session, sandbox, '', artifacts)
      else if (!wanted.some(identifier => identifier !== '')) await session.say('No artifacts defined in buildspec')
    }
    const secondary = Object.entries(artifacts?.secondary ?? {})
    if (secondary.length > 0) await session.say('Preparing to copy secondary artifacts')
    for (const [identifier, spec] of secondary) {
      if (wanted.includes(identifier)) await uploadOne(session, sandbox, identifier, spec)
      else
        await session.say(`Skipping secondary artifact ${identifier}: the project has no artifact of that identifier`)
    }
    return undefined
  } catch (error) {
    if (error instanceof BuildFailure) return error.context
    throw error
  }
}

async function uploadOne(session: Session, sandbox: Sandbox, identifier: string, spec: ArtifactSpec): Promise<void> {
  const { ports, sourceDirectory } = session
  const base = spec.baseDirectory ?? '.'
  await session.say(`Expanding base directory path: ${base}`)
  await session.say(`Expanding file paths for base directory ${base}`)
  await session.say('Assembling file list')
  for (const pattern of spec.files) await session.say(`Expanding ${pattern}`)
  const sentences: string[] = []
  const say = (text: string) => {
    if (sentences.length < 100) sentences.push(text)
  }
  const evaluated = session.progress.commands?.artifactNames[identifier]?.trim()
  const count = await ports.upload({
    identifier,
    spec,
    name: evaluated || spec.name,
    files: () => collectFiles({ sandbox, sourceDirectory, selection: spec, keepLinks: spec.enableSymlinks, say }),
  })
  for (const sentence of sentences) await session.say(sentence)
  if (count === 0) {
    // AWS: `CLIENT_ERROR Message: no matching artifact paths found`.
    for (const pattern of spec.files) await session.say(`Skipping invalid file path ${pattern}`)
    throw new BuildFailure('CLIENT_ERROR', 'no matching artifact paths found')
  }
  await session.say(`Found ${count} file(s)`)
}

// Associating a template with repositories: one, or many of which each succeeds or fails by itself.

import { isServiceError } from '../../../core/serviceError.ts'
import type { Call } from '../../../operation/call.ts'
import { refuse } from '../errors.ts'
import { lockRepository, type RepositoryRow, requireRepository } from '../repositories.ts'
import { associate, disassociate, MOST_ASSOCIATED, type TemplateRow, templatesOf } from './templates.ts'

/** The repository, and whether anything changed. */
export async function setAssociation(
  call: Call,
  template: TemplateRow,
  repositoryName: string,
  wanted: boolean,
): Promise<{ readonly repository: RepositoryRow; readonly changed: boolean }> {
  const repository = await requireRepository(call, repositoryName)
  if (!wanted) return { repository, changed: await disassociate(call.tx, template.id, repository.id) }
  await lockRepository(call.tx, repository.id)
  const there = await templatesOf(call.tx, repository.id)
  if (there.some(({ id }) => id === template.id)) return { repository, changed: false }
  if (there.length >= MOST_ASSOCIATED) refuse('MaximumRuleTemplatesAssociatedWithRepositoryException')
  return { repository, changed: await associate(call.tx, template.id, repository.id) }
}

// AWS: at most 100 repositories in a batch.
const MOST_NAMES = 100

export async function setAssociations(
  call: Call,
  template: TemplateRow,
  repositoryNames: readonly string[],
  wanted: boolean,
) {
  if (repositoryNames.length > MOST_NAMES) refuse('MaximumRepositoryNamesExceededException')
  const done: RepositoryRow[] = []
  const errors: { repositoryName: string; errorCode: string; errorMessage: string }[] = []
  // In one order, whatever order they are named in, so that two batches do not wait for each other.
  for (const name of [...new Set(repositoryNames)].sort()) {
    try {
      done.push((await setAssociation(call, template, name, wanted)).repository)
    } catch (error) {
      if (!isServiceError(error)) throw error
      errors.push({ repositoryName: name, errorCode: error.code, errorMessage: error.message })
    }
  }
  return { done, errors }
}

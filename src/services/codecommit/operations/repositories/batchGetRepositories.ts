// Many repositories at once; what is missing is told, not an error.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { checkRepositoryName, findRepositories, metadata } from '../../repositories.ts'

/** AWS: at most 100 names. */
const MOST = 100

export const batchGetRepositories: Handler<'codecommit', 'BatchGetRepositories'> = async (
  call,
  { repositoryNames },
) => {
  if (repositoryNames.length === 0) refuse('RepositoryNamesRequiredException')
  if (repositoryNames.length > MOST) refuse('MaximumRepositoryNamesExceededException')
  for (const name of repositoryNames) checkRepositoryName(name)
  const names = [...new Set(repositoryNames)]
  const rows = await findRepositories(call.tx, call.scope, names)
  const found = new Map(rows.map(row => [row.name, row]))
  const missing = names.filter(name => !found.has(name))
  return {
    repositories: names.flatMap(name => found.get(name) ?? []).map(row => metadata(row, call.config)),
    repositoriesNotFound: missing,
    errors: missing.map(name => ({
      repositoryName: name,
      errorCode: 'RepositoryDoesNotExistException' as const,
      errorMessage: `${name} does not exist`,
    })),
  }
}

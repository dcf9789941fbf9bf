// A repository is a row; its directory is made when the first object comes.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { checkRepositoryName, insertRepository, metadata, requireRepository } from '../../repositories.ts'
import { checkTags } from '../../tags.ts'

export const createRepository: Handler<'codecommit', 'CreateRepository'> = async (call, input) => {
  const { repositoryName: name, repositoryDescription: description, tags = {} } = input
  checkRepositoryName(name)
  checkTags(tags)
  if (input.kmsKeyId !== undefined) {
    fail('OperationNotAllowedException', 'Codeyard does not encrypt repositories with KMS keys: leave out kmsKeyId')
  }
  const inserted = await insertRepository(call.tx, {
    id: call.ids.uuid(),
    ...call.scope,
    name,
    ...(description !== undefined && { description }),
    created_at: call.now,
    tags,
  })
  // AWS: "Repository named X already exists"
  if (!inserted) fail('RepositoryNameExistsException', `Repository named ${name} already exists`)
  return { repositoryMetadata: metadata(await requireRepository(call, name), call.config) }
}

// What a repository is, with the addresses that clones use here.

import type { Handler } from '../../../../operation/handler.ts'
import { metadata, requireRepository } from '../../repositories.ts'

export const getRepository: Handler<'codecommit', 'GetRepository'> = async (call, { repositoryName }) => ({
  repositoryMetadata: metadata(await requireRepository(call, repositoryName), call.config),
})

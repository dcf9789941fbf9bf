// A pull request between two branches, with the rules of the templates that its repository has.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { refuse } from '../../errors.ts'
import { announcePullRequest } from '../../pullRequests/announce.ts'
import { record } from '../../pullRequests/history.ts'
import {
  countOpen,
  findByToken,
  insertPullRequest,
  newRevisionId,
  nextNumber,
  requirePullRequest,
} from '../../pullRequests/pullRequests.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'
import { betweenBranches, holdRepository, onlyTarget } from '../../pullRequests/targets.ts'
import { checkToken, requestHash } from '../../requestToken.ts'
import { directoryOf } from '../../store.ts'
import { applyTemplates } from '../../templates/applyTemplates.ts'

// AWS: at most 1,000 open pull requests a repository [limits].
const MOST_OPEN = 1000

export const createPullRequest: Handler<'codecommit', 'CreatePullRequest'> = async (call, input) => {
  const { title, description, clientRequestToken: token } = input
  if (title.trim() === '') refuse('TitleRequiredException')
  checkToken(token)
  const target = onlyTarget(input.targets)
  const repository = await holdRepository(call, target)
  const { repositoryName, sourceReference, destinationReference } = target
  const parameters = [title, description, repositoryName, sourceReference, destinationReference]
  const request_hash = requestHash(call, 'CreatePullRequest', parameters)
  const known = token === undefined ? undefined : await findByToken(call.tx, call.scope, token)
  if (known) {
    if (known.request_hash !== request_hash) refuse('IdempotencyParameterMismatchException')
    return { pullRequest: await pullRequestShape(call, known) }
  }
  const { source, destination } = await betweenBranches(call, repository, target)
  if ((await countOpen(call.tx, repository.id)) >= MOST_OPEN) refuse('MaximumOpenPullRequestsExceededException')

  const directory = await directoryOf(call.config, repository)
  const mergeBase = await directory.mergeBase(destination.commit, source.commit)
  const key = { account: repository.account, region: repository.region, number: await nextNumber(call.tx, call.scope) }
  const inserted = await insertPullRequest(call.tx, {
    ...key,
    repository_id: repository.id,
    title,
    description: description || null,
    author_arn: principalArn(call.principal),
    client_request_token: token ?? null,
    request_hash,
    source_reference: source.reference,
    destination_reference: destination.reference,
    source_commit: source.commit,
    destination_commit: destination.commit,
    merge_base: mergeBase ?? null,
    revision_id: newRevisionId(call),
    created_at: call.now,
  })
  // The row of the repository is held: only a request about another one can have taken the token since.
  if (!inserted) refuse('IdempotencyParameterMismatchException')
  await record(call, key, 'PULL_REQUEST_CREATED', {
    pullRequestCreatedEventMetadata: {
      repositoryName: repository.name,
      sourceCommitId: source.commit,
      destinationCommitId: destination.commit,
      ...(mergeBase !== undefined && { mergeBase }),
    },
  })
  const row = await requirePullRequest(call, String(key.number))
  await announcePullRequest(call, row, { event: 'pullRequestCreated' })
  await applyTemplates(call, row)
  return { pullRequest: await pullRequestShape(call, row) }
}

// Source from CodeCommit: the branch's tip (or an overridden commit), zipped into the artifact bucket by CodeCommit itself.

import { type ActionProvider, artifactEncryption } from './provider.ts'

export const codecommitSource: ActionProvider = {
  category: 'Source',
  provider: 'CodeCommit',
  timeoutMinutes: 60,
  atOnce: false,
  async start({ invoke }, run) {
    const { configuration, outputs, override } = run
    const repositoryName = configuration.RepositoryName!
    const branchName = configuration.BranchName!
    if (configuration.OutputArtifactFormat && configuration.OutputArtifactFormat !== 'CODE_ZIP') {
      const message = `Codeyard does not support OutputArtifactFormat ${configuration.OutputArtifactFormat} yet: use CODE_ZIP`
      return { status: 'failed', code: 'ConfigurationError', message }
    }
    const tip =
      override?.revisionValue ??
      (await invoke('codecommit', 'GetBranch', { repositoryName, branchName })).branch?.commitId
    if (!tip)
      return {
        status: 'failed',
        code: 'RevisionUnavailable',
        message: `Branch ${branchName} of ${repositoryName} has no commit`,
      }
    const { commit } = await invoke('codecommit', 'GetCommit', { repositoryName, commitId: tip })
    const [output] = outputs
    await invoke('codecommit', 'UploadArchive', {
      repositoryName,
      commitId: tip,
      s3Bucket: output!.bucket,
      s3Key: output!.key,
      s3Options: artifactEncryption(run),
    })
    const message = commit?.message?.trim() ?? ''
    return {
      status: 'succeeded',
      externalId: tip,
      summary: message.split('\n')[0],
      outputs,
      revision: { artifact: output!.name, revisionId: tip, summary: message.slice(0, 2048) },
      // Source: action-reference-CodeCommit.md, output variables.
      variables: {
        RepositoryName: repositoryName,
        BranchName: branchName,
        CommitId: tip,
        CommitMessage: message,
        AuthorDate: isoDate(commit?.author?.date),
        CommitterDate: isoDate(commit?.committer?.date),
      },
    }
  },
}

/** Git's `1700000000 +0100` as ISO 8601 in UTC. */
function isoDate(gitDate: string | undefined): string {
  const seconds = Number(gitDate?.split(' ')[0])
  return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : ''
}

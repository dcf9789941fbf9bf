// A version of a repository as a working copy: as little as the version and the clone depth allow, with the project's URL as its remote.

import { rm } from 'node:fs/promises'
import { assertNever } from '../../../../core/assertNever.ts'
import { type GitAccess, gitEnvironment } from './access.ts'
import { GitFailure, runGit } from './runGit.ts'
import type { GitVersion } from './version.ts'

export interface Checkout {
  /** What is written down as the remote: no secret in it. */
  readonly url: string
  readonly folder: string
  readonly version: GitVersion
  /** 0 is everything. */
  readonly depth: number
  readonly access: GitAccess
  readonly signal: AbortSignal
}

/** Fills `folder` and answers the commit. Throws GitFailure. */
export async function checkOut(checkout: Checkout): Promise<string> {
  const { folder, version } = checkout
  const git = gitIn(checkout)
  switch (version.kind) {
    case 'default':
      await clone(checkout)
      break
    case 'name':
      await cloneNamed(checkout, version.name)
      break
    case 'commit':
      await commitOf(checkout, version.sha)
      break
    case 'ref':
      await reference(checkout, version.ref, version.sha)
      break
    case 'invalid':
      throw notThere()
    default:
      assertNever(version)
  }
  return await git('-C', folder, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}').catch(() => {
    throw notThere()
  })
}

const notThere = () => new GitFailure(['checkout'], 1, 'fatal: reference not found')

const gitIn = ({ access, folder, signal }: Checkout) => {
  const env = gitEnvironment(access, folder)
  return (...args: string[]) => runGit(args, { env, signal })
}

const shallow = (depth: number) => (depth > 0 ? ['--depth', String(depth), '--no-single-branch'] : [])

async function clone(checkout: Checkout, ...more: string[]): Promise<void> {
  await gitIn(checkout)('clone', '--quiet', ...shallow(checkout.depth), ...more, '--', checkout.url, checkout.folder)
}

async function cloneNamed(checkout: Checkout, name: string): Promise<void> {
  try {
    await clone(checkout, '--branch', name)
  } catch (error) {
    // Short commits are taken as well, once everything is there.
    if (!(error instanceof GitFailure) || !/^[0-9a-f]{7,63}$/.test(name)) throw error
    if (!/Remote branch .* not found/.test(error.stderr)) throw error
    await empty(checkout)
    await clone({ ...checkout, depth: 0 }, '--no-checkout')
    await detach(checkout, name)
  }
}

async function commitOf(checkout: Checkout, sha: string): Promise<void> {
  if (checkout.depth > 0) {
    try {
      await start(checkout)
      await gitIn(checkout)('-C', checkout.folder, 'fetch', '--quiet', '--depth', String(checkout.depth), 'origin', sha)
      return await detach(checkout, sha)
    } catch (error) {
      // Servers need not give commits by their ids.
      if (!(error instanceof GitFailure) || isRefused(error)) throw error
      await empty(checkout)
    }
  }
  await clone({ ...checkout, depth: 0 }, '--no-checkout')
  try {
    await detach(checkout, sha)
  } catch {
    // In no branch and no tag: a pull request's, or one that was pushed over.
    await gitIn(checkout)('-C', checkout.folder, 'fetch', '--quiet', 'origin', sha).catch(error => {
      throw error instanceof GitFailure && isRefused(error) ? error : notThere()
    })
    await detach(checkout, sha)
  }
}

// AWS: with a reference before the commit only that reference is downloaded [sample-source-version].
async function reference(checkout: Checkout, ref: string, sha?: string): Promise<void> {
  const git = gitIn(checkout)
  const { folder, depth } = checkout
  const local = ref.startsWith('refs/tags/') ? ref : `refs/remotes/origin/${ref.replace(/^refs\/(heads\/)?/, '')}`
  const fetch = (...more: string[]) => git('-C', folder, 'fetch', '--quiet', ...more, 'origin', `+${ref}:${local}`)
  await start(checkout)
  await fetch(...(depth > 0 ? ['--depth', String(depth)] : []))
  if (sha === undefined) return await detach(checkout, local)
  try {
    await detach(checkout, sha)
  } catch {
    if (depth > 0) await fetch('--unshallow').catch(() => {})
    await detach(checkout, sha).catch(async () => {
      await git('-C', folder, 'fetch', '--quiet', 'origin', sha).catch(() => {
        throw notThere()
      })
      await detach(checkout, sha)
    })
  }
}

async function start(checkout: Checkout): Promise<void> {
  const git = gitIn(checkout)
  await git('init', '--quiet', '--', checkout.folder)
  await git('-C', checkout.folder, 'remote', 'add', 'origin', checkout.url)
}

async function detach(checkout: Checkout, commit: string): Promise<void> {
  await gitIn(checkout)('-C', checkout.folder, 'checkout', '--quiet', '--detach', commit)
}

const empty = ({ folder }: Checkout) => rm(folder, { recursive: true, force: true })

/** The server is away or has trouble for now: the same may do a moment later. */
export const isPassing = ({ stderr }: GitFailure) =>
  /returned error: (?:429|5\d\d)|Could not resolve host|Failed to connect|Connection (?:refused|timed out|reset)|early EOF|hung up unexpectedly|RPC failed|Operation too slow/.test(
    stderr,
  )

/** The server said no, or is not there: another way does not help. */
export const isRefused = ({ stderr }: GitFailure) =>
  /could not read Username|Authentication failed|returned error: (?:401|403|5\d\d)|[Rr]epository .*not found|Could not resolve host|Failed to connect|certificate (?:problem|verification)|Connection (?:refused|timed out|reset)/.test(
    stderr,
  )

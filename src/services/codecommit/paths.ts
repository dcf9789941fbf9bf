// Paths in requests: a leading or trailing slash is allowed, anything that is no path of a tree is not.

import { isTreePath } from '../../git/index.ts'
import { refuse } from './errors.ts'

/** Without slashes at its ends. */
export function normalizePath(path: string): string {
  return path.replace(/^\/+|\/+$/g, '')
}

// AWS: paths are of 1 to 4,096 characters and at most 20 directories deep [limits].
const MOST_CHARACTERS = 4096
const MOST_DEPTH = 20

/** The path of a file, or PathRequiredException, InvalidPathException. */
export function filePath(path: string | undefined): string {
  if (path === undefined || path === '') return refuse('PathRequiredException')
  const normal = normalizePath(path)
  if (!isTreePath(normal) || normal.length > MOST_CHARACTERS || normal.split('/').length > MOST_DEPTH + 1) {
    return refuse('InvalidPathException')
  }
  return normal
}

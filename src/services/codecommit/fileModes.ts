// Modes of files as git has them and as CodeCommit names them.

import type { FileModeTypeEnum } from '@aws-sdk/client-codecommit'
import { isSymlink } from '../../git/index.ts'

/** AWS: 6 MB for a file through the API [limits]. */
export const MOST_FILE_BYTES = 6 * 1024 * 1024

export function fileModeName(mode: string): FileModeTypeEnum {
  if (isSymlink(mode)) return 'SYMLINK'
  return mode === '100755' ? 'EXECUTABLE' : 'NORMAL'
}

export const MODE_OF: Readonly<Record<FileModeTypeEnum, string>> = {
  NORMAL: '100644',
  EXECUTABLE: '100755',
  SYMLINK: '120000',
}

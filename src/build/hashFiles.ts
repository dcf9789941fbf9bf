// The command `codebuild-hash-files GLOB...` of cache keys, in POSIX sh so that it runs in any image.

// AWS: a SHA-256 over the files of the source directory that match; `*` stays in a directory, `**` crosses them [caching-s3].
/** Prints one hash of the names and contents of all matching files, sorted by name; fails when none matches. */
export const HASH_FILES = `#!/bin/sh
[ $# -gt 0 ] || { echo 'usage: codebuild-hash-files GLOB...' >&2; exit 2; }
cd "\${CODEBUILD_SRC_DIR:-.}" || exit 1
for pattern; do
  pattern=\${pattern#./}
  printf '%s\\n' "$pattern" | sed -e 's/[].[+^$(){}|\\\\]/\\\\&/g' -e 's#\\*\\*/#\\x01#g' -e 's#\\*\\*#\\x02#g' -e 's#\\*#[^/]*#g' -e 's#?#[^/]#g' -e 's#\\x01#(.*/)?#g' -e 's#\\x02#.*#g' -e 's#^#^#' -e 's#$#$#'
done >"\${TMPDIR:-/tmp}/hash-files.$$"
matched=$(find . -type f | sed 's#^\\./##' | grep -E -f "\${TMPDIR:-/tmp}/hash-files.$$" | LC_ALL=C sort)
rm -f "\${TMPDIR:-/tmp}/hash-files.$$"
[ -n "$matched" ] || { echo "codebuild-hash-files: no file matches $*" >&2; exit 1; }
printf '%s\\n' "$matched" | while IFS= read -r file; do sha256sum <"$file"; printf '%s\\n' "$file"; done | sha256sum | cut -d ' ' -f 1
`

#!/bin/sh
# The profile of `go test -coverprofile` as LCOV: a line for each line of a block.
awk -v module="$(go list -m)" '
  /^mode:/ { next }
  {
    split($1, place, ":"); file = place[1]; sub(module "/", "", file)
    split(place[2], ends, /[.,]/)
    for (line = ends[1]; line <= ends[3]; line++) if (!((file, line) in hits) || hits[file, line] < $3) hits[file, line] = $3
    files[file]; if (ends[3] > last[file]) last[file] = ends[3]
  }
  END {
    for (file in files) {
      print "SF:" file
      for (line = 1; line <= last[file]; line++) if ((file, line) in hits) print "DA:" line "," hits[file, line]
      print "end_of_record"
    }
  }' "$1"

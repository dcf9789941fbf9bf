# TAP as Check writes it, as JUnit's XML.
function escaped(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/"/, "\\&quot;", text); return text }
BEGIN { print "<testsuite name=\"rle\">" }
match($0, /^(not )?ok [0-9]+ - /) {
  rest = substr($0, RLENGTH + 1)
  split(rest, part, ":") # file, test case, test, message
  message = rest; sub(/^[^:]*:[^:]*:[^:]*: */, "", message)
  printf "  <testcase classname=\"%s\" name=\"%s\">", escaped(part[2]), escaped(part[3])
  if (/^not/) printf "<failure message=\"%s\"/>", escaped(message)
  print "</testcase>"
}
END { print "</testsuite>" }

#!/bin/sh
# The deployment is good when the service answers with the commit that was deployed.
set -eu
home=${WEB_NODE_HOME:-/opt/web-node}
exec node -e '
const url = `http://127.0.0.1:${process.env.PORT ?? 8080}/version`
const wanted = JSON.parse(require("node:fs").readFileSync(process.argv[1] + "/build.json", "utf8")).commit
const end = Date.now() + 10_000
const ask = async () => {
  const got = await fetch(url).then(answer => answer.json()).catch(() => undefined)
  if (got?.commit === wanted) return console.log(`serving ${wanted}`)
  if (Date.now() > end) {
    console.error(got ? `serving ${got.commit} instead of ${wanted}` : `no answer from ${url}`)
    process.exit(1)
  }
  setTimeout(ask, 100)
}
ask()
' "$home"

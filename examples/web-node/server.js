// A small web service: says hello, and which commit it is.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { greeting } from './greeting.js'

const build = JSON.parse(readFileSync(new URL('./build.json', import.meta.url), 'utf8'))

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  if (pathname === '/health') return response.writeHead(200).end('ok\n')
  if (pathname === '/version') {
    return response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(build)}\n`)
  }
  if (pathname !== '/') return response.writeHead(404).end('not found\n')
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${greeting(searchParams.get('name'))}\ncommit ${build.commit}\n`)
})

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))

// One file that needs no node_modules.
import { mkdir, readFile, writeFile } from 'node:fs/promises'

const read = file => readFile(new URL(`../${file}`, import.meta.url), 'utf8')
const parts = ['packages/plural/index.js', 'src/receipt.js', 'src/main.js']
const texts = await Promise.all(parts.map(read))
const bundle = texts
  .join('\n')
  .replace(/^(#!|import ).*$/gm, '')
  .replace(/^export /gm, '')
await mkdir('dist', { recursive: true })
await writeFile('dist/receipt.mjs', `#!/usr/bin/env node\n${bundle}`, { mode: 0o755 })

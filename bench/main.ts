// Benchmarks: each prints ratios against a baseline that is measured in the same run, never a bare time.

import { api } from './api.ts'
import { builds } from './builds.ts'
import { cache } from './cache.ts'
import { clone } from './clone.ts'
import type { Bench, Figure } from './figure.ts'
import { logs } from './logs.ts'
import { memory } from './memory.ts'
import { objects } from './objects.ts'
import { pipelines } from './pipelines.ts'
import { starts } from './starts.ts'
import { throughput } from './throughput.ts'
import { warm } from './warm.ts'

const benches: Readonly<Record<string, Bench>> = {
  starts,
  api,
  objects,
  clone,
  builds,
  warm,
  throughput,
  logs,
  cache,
  pipelines,
  memory,
}

const json = process.argv.includes('--json')
const wanted = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const unknown = wanted.filter(name => !benches[name])
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

let missed = 0
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  await bench(figure => {
    if (figure.goal && !figure.goal.met) missed++
    console.log(json ? JSON.stringify({ bench: name, ...figure }) : line(name, figure))
  })
}
if (!json) console.log(missed === 0 ? 'every goal is met' : `${missed} goals are missed`)

function line(bench: string, { name, ratio, ours, baseline, unit, goal }: Figure): string {
  const verdict = goal ? `  ${goal.met ? 'met' : 'MISSED'} (goal: ${goal.text})` : ''
  const compared = `${format(ours)} against ${format(baseline.value)} ${unit} (${baseline.name})`
  return `${bench.padEnd(10)} ${name.padEnd(34)} ${format(ratio).padStart(8)} x  ${compared}${verdict}`
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3)
}

// What everybody sees of a public project: its builds, and one build with its phases. Never its environment variables or its buildspec.

import { createHash } from 'node:crypto'
import type { BuildRow } from '../builds.ts'
import { wantedArtifacts } from '../worker/artifactStore.ts'
import { html, type Markup, textOf } from './markup.ts'
import type { PublicProject } from './visibility.ts'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#16191f;background:#fff}
a{color:#0b5cad}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #d5dbdb;vertical-align:top}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}.SUCCEEDED{color:#1d6f02}.FAILED,.FAULT,.TIMED_OUT{color:#b5210b}.IN_PROGRESS{color:#0b5cad}
@media(prefers-color-scheme:dark){body{color:#e9ebed;background:#0f1b2a}a,.IN_PROGRESS{color:#89bdee}th,td{border-color:#414d5c}.SUCCEEDED{color:#6aaf35}.FAILED,.FAULT,.TIMED_OUT{color:#ff7a66}}`

/** Nothing but our own style: no script, no frame, no form, no request to anywhere. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

function page(title: string, body: Markup): string {
  const styled = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>`
  return `${textOf(styled)}<style>${STYLE}</style></head><body>${textOf(body)}</body></html>\n`
}

const time = (date: Date | null) => {
  if (!date) return undefined
  const text = date.toISOString()
  return html`<time datetime="${text}">${text.slice(0, 19).replace('T', ' ')} UTC</time>`
}
const seconds = (from: Date, to: Date | null | undefined) =>
  to ? `${Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000))} s` : ''
const status = (name: string) => html`<strong class="${name}">${name.replaceAll('_', ' ')}</strong>`
const commit = ({ progress, definition }: BuildRow) =>
  (progress.resolvedVersion ?? definition.resolvedSourceVersion ?? definition.sourceVersion ?? '').slice(0, 60)

/** `older` is the number before which the next page begins. */
export function projectPage(base: string, project: PublicProject, builds: readonly BuildRow[], older?: number): string {
  const { name, definition } = project
  const rows = builds.map(
    build => html`<tr><td><a href="${base}/builds/${build.number}">#${build.number}</a></td><td>${status(build.status)}</td>
<td>${time(build.started_at)}</td><td>${seconds(build.started_at, build.ended_at)}</td><td><code>${commit(build)}</code></td></tr>`,
  )
  const table = html`<table><thead><tr><th>Build</th><th>Status</th><th>Started</th><th>Duration</th><th>Source version</th></tr></thead>
<tbody>${rows}</tbody></table>`
  return page(
    name,
    html`<h1>${name}</h1><p>${definition.description ?? ''}</p>
${builds.length > 0 ? table : html`<p>There are no builds.</p>`}
${older === undefined ? undefined : html`<p><a href="${base}?before=${older}">Older builds</a></p>`}`,
  )
}

export function buildPage(base: string, project: PublicProject, build: BuildRow): string {
  const here = `${base}/builds/${build.number}`
  const phases = build.progress.phases.map(({ phase, status: ended, start, end, contexts = [] }) => {
    const said = contexts.map(({ statusCode, message }) => html`<div>${statusCode}: ${message}</div>`)
    return html`<tr><td>${phase}</td><td>${ended ? status(ended) : ''}</td><td>${seconds(start, end)}</td><td>${said}</td></tr>`
  })
  const artifacts = wantedArtifacts(build)
    .filter(identifier => build.outputs[identifier])
    .map(identifier => {
      const { sha256sum } = build.outputs[identifier]!
      const sum = sha256sum ? html` <small>SHA-256 <code>${sha256sum}</code></small>` : undefined
      return html`<li><a href="${here}/artifacts/${identifier || 'primary'}">${identifier || 'primary'}</a>${sum}</li>`
    })
  return page(
    `${project.name} #${build.number}`,
    html`<p><a href="${base}">${project.name}</a></p><h1>Build #${build.number}: ${status(build.status)}</h1>
<p>Started ${time(build.started_at)}${build.ended_at ? html`, ended ${time(build.ended_at)}` : undefined}. <code>${commit(build)}</code></p>
<p><a href="${here}/log">Log</a></p>
${artifacts.length > 0 ? html`<h2>Artifacts</h2><ul>${artifacts}</ul>` : undefined}
<h2>Phases</h2><table><thead><tr><th>Phase</th><th>Status</th><th>Duration</th><th>Context</th></tr></thead><tbody>${phases}</tbody></table>`,
  )
}

/** The files of an artifact that is not one zip. */
export function filesPage(here: string, title: string, files: readonly string[], more: boolean): string {
  const rows = files.map(file => html`<li><a href="${here}?file=${encodeURIComponent(file)}">${file}</a></li>`)
  const note = more ? html`<p>There are more files than are shown here.</p>` : undefined
  return page(title, html`<h1>${title}</h1><ul>${rows}</ul>${note}`)
}

export const plainPage = (title: string, sentence: string): string =>
  page(title, html`<h1>${title}</h1><p>${sentence}</p>`)

import { expect, test } from 'vitest'
import { chooseSandbox } from './chooseSandbox.ts'
import type { SandboxProvider } from './sandbox.ts'
import { createScriptedProvider } from './scripted/scriptedProvider.ts'

const NO_ENGINE = 'Docker does not answer at unix:///var/run/docker.sock (connect ENOENT)'
const NO_IMAGE = 'The image aws/x:1 is not on this Docker engine and can not be pulled: no such host'

function providers(docker: { down?: boolean; noImage?: boolean }, host: { down?: boolean } = {}) {
  const fake = (unavailable: string | undefined) =>
    createScriptedProvider({ answers: [], ...(unavailable !== undefined && { unavailable }) })
  const engine: SandboxProvider = {
    ...fake(docker.down ? NO_ENGINE : undefined),
    missingImage: async () => (docker.noImage ? NO_IMAGE : undefined),
  }
  return { docker: engine, host: fake(host.down ? 'no /proc' : undefined) }
}

test.each([
  { kind: 'auto', image: 'aws/x:1', docker: {}, chosen: 'docker', reason: 'Running in Docker with the image aws/x:1' },
  {
    kind: 'auto',
    image: 'aws/x:1',
    docker: { down: true },
    chosen: 'host',
    reason: `${NO_ENGINE}: running on this host instead`,
  },
  {
    kind: 'auto',
    image: 'aws/x:1',
    docker: { noImage: true },
    chosen: 'host',
    reason: `${NO_IMAGE}: running on this host instead`,
  },
  {
    kind: 'auto',
    image: undefined,
    docker: {},
    chosen: 'host',
    reason: 'No image is given to run in Docker: running on this host instead',
  },
  {
    kind: 'docker',
    image: 'aws/x:1',
    docker: {},
    chosen: 'docker',
    reason: 'Running in Docker with the image aws/x:1',
  },
  {
    kind: 'host',
    image: 'aws/x:1',
    docker: {},
    chosen: 'host',
    reason: 'Running on this host, not in the image aws/x:1, as asked for (--sandbox host)',
  },
  {
    kind: 'host',
    image: undefined,
    docker: { down: true },
    chosen: 'host',
    reason: 'Running on this host, as asked for (--sandbox host)',
  },
] as const)(
  '$kind with image $image and Docker $docker chooses $chosen',
  async ({ kind, image, docker, chosen, reason }) => {
    const all = providers(docker)
    expect(await chooseSandbox(kind, image, all)).toEqual({ provider: all[chosen], reason })
  },
)

test.each([
  {
    kind: 'docker',
    docker: { down: true },
    host: {},
    code: 'UNAVAILABLE',
    message: `${NO_ENGINE}, and only Docker is allowed here (--sandbox docker)`,
  },
  {
    kind: 'docker',
    docker: { noImage: true },
    host: {},
    code: 'NO_IMAGE',
    message: `${NO_IMAGE}, and only Docker is allowed here (--sandbox docker)`,
  },
  {
    kind: 'host',
    docker: {},
    host: { down: true },
    code: 'UNAVAILABLE',
    message: 'Builds can not run on this host: no /proc',
  },
  {
    kind: 'auto',
    docker: { down: true },
    host: { down: true },
    code: 'UNAVAILABLE',
    message: `${NO_ENGINE}, and this host can not be used either: no /proc`,
  },
] as const)(
  '$kind with Docker $docker and host $host fails and says why',
  async ({ kind, docker, host, code, message }) => {
    await expect(chooseSandbox(kind, 'aws/x:1', providers(docker, host))).rejects.toMatchObject({ code, message })
  },
)

// Every command by name, loaded when it is used.

import type { Command } from './command.ts'

export const commands: Readonly<Record<string, () => Promise<{ default: Command }>>> = {
  demo: () => import('./commands/demo.ts'),
  up: () => import('./commands/up.ts'),
  env: () => import('./commands/env.ts'),
  build: () => import('./commands/build.ts'),
  deploy: () => import('./commands/deploy.ts'),
  validate: () => import('./commands/validate.ts'),
  agent: () => import('./commands/agent.ts'),
  shell: () => import('./commands/shell.ts'),
  watch: () => import('./commands/watch.ts'),
  builds: () => import('./commands/builds.ts'),
  usage: () => import('./commands/usage.ts'),
  coverage: () => import('./commands/coverage.ts'),
  doctor: () => import('./commands/doctor.ts'),
  test: () => import('./commands/test.ts'),
  bench: () => import('./commands/bench.ts'),
}

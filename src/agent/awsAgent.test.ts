// The agent of AWS itself against our service. It needs Ruby with the AWS SDK and a checkout of aws/aws-codedeploy-agent, named by
// CODEYARD_AWS_AGENT: neither can be had everywhere, so without the variable there is nothing to run.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { establishIdentity } from './identity.ts'
import { openWireHouse, ROOT_KEYS } from './testing/wire.ts'

const checkout = process.env.CODEYARD_AWS_AGENT

/** Its child process without the daemon around it: one poller in a loop. */
const RUNNER = `
root, config = ARGV
%w[lib vendor/gems/codedeploy-commands-1.0.0/lib vendor/gems/process_manager-0.0.13/lib vendor/gems/simple_pid-0.2.1/lib].reverse.each { |d| $:.unshift File.join(root, d) }
require 'yaml'
require 'fileutils'
require 'instance_agent'
InstanceAgent::Config.init
InstanceAgent::Config.config[:config_file] = config
InstanceAgent::Config.load_config
InstanceAgent::Log.init(File.join(InstanceAgent::Config.config[:log_dir], 'codedeploy-agent.log'))
InstanceAgent::Platform.util = InstanceAgent::LinuxUtil
require 'instance_agent/plugins/codedeploy/register_plugin'
runner = InstanceAgent::Agent::Base.plugins.first.runner
runner.recover_from_crash?
STDOUT.puts 'ready'
STDOUT.flush
loop { runner.run; sleep InstanceAgent::Config.config[:wait_between_runs] }
`

test.skipIf(!checkout)(
  'the agent of AWS deploys a revision, and its failures are told',
  async () => {
    const wire = await openWireHouse()
    const home = mkdtempSync(join(tmpdir(), 'codeyard-aws-agent-'))
    await wire.makeGroup()
    await establishIdentity({
      endpoint: wire.endpoint,
      region: wire.region,
      name: 'ruby-1',
      tags: { env: 'prod' },
      credentials: async () => ROOT_KEYS,
      configFile: join(home, 'codedeploy.onpremises.yml'),
      log: () => {},
    })
    mkdirSync(join(home, 'log'))
    writeFileSync(
      join(home, 'conf.yml'),
      `---
:log_dir: ${home}/log
:pid_dir: ${home}
:program_name: codedeploy-agent
:root_dir: ${home}/deployment-root
:on_premises_config_file: ${home}/codedeploy.onpremises.yml
:wait_between_runs: 1
:max_revisions: 5
:verbose: true
:codedeploy_test_profile: beta
:deploy_control_endpoint: ${wire.endpoint}
:s3_endpoint_override: ${wire.endpoint}
`,
    )
    writeFileSync(join(home, 'run.rb'), RUNNER)
    const bundle = async (key: string, script: string) => {
      const directory = join(home, key)
      mkdirSync(join(directory, 'app'), { recursive: true })
      writeFileSync(join(directory, 'app/version.txt'), key)
      writeFileSync(join(directory, 'start.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      writeFileSync(
        join(directory, 'appspec.yml'),
        `version: 0.0\nos: linux\nfiles:\n  - source: app\n    destination: ${home}/srv\nhooks:\n  ApplicationStart:\n    - location: start.sh\n`,
      )
      await wire.putBundle(key, execFileSync('tar', ['-czf', '-', '.'], { cwd: directory }))
    }
    const env = { PATH: process.env.PATH, HOME: home }
    const ruby = spawn('ruby', [join(home, 'run.rb'), checkout!, join(home, 'conf.yml')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const over = (id: string) =>
      expect.poll(async () => (await wire.status(id)).status, { timeout: 40_000, interval: 200 })
    try {
      await bundle('good', 'echo started $DEPLOYMENT_ID')
      const good = await wire.deploy('good')
      await over(good).toBe('Succeeded')
      expect(readFileSync(join(home, 'srv/version.txt'), 'utf8')).toBe('good')
      await bundle('bad', 'echo no >&2; exit 9')
      const bad = await wire.deploy('bad')
      await over(bad).toBe('Failed')
      const failed = (await wire.events(bad, 'ruby-1')).find(event => event.status === 'Failed')
      // The second report of the agent, with code 5, did not replace the first.
      expect(failed).toMatchObject({
        lifecycleEventName: 'ApplicationStart',
        diagnostics: {
          errorCode: 'ScriptFailed',
          scriptName: 'start.sh',
          logTail: expect.stringContaining('[stderr]no'),
        },
      })
    } catch (error) {
      process.stderr.write(
        existsSync(join(home, 'log/codedeploy-agent.log'))
          ? readFileSync(join(home, 'log/codedeploy-agent.log'), 'utf8').slice(-6000)
          : 'no log',
      )
      throw error
    } finally {
      ruby.kill('SIGKILL')
      await wire.close()
      rmSync(home, { recursive: true, force: true })
    }
  },
  120_000,
)

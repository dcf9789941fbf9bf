// Privileged containers where the engine itself lacks a capability: runc then refuses `Privileged` as a whole ("unable to apply caps"), but
// gives all capabilities that there are one by one. Docker runs in such a container as well.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type Docker from 'dockerode'
import { engineMessage } from './engine.ts'

/** By the number of the capability in the kernel [capability.h]. */
const CAPABILITIES = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN ' +
  'NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME ' +
  'SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON ' +
  'BPF CHECKPOINT_RESTORE'
).split(' ')

/** What builds in such containers ask for, where this machine has it; others can be made with mknod. */
const DEVICES = ['/dev/fuse', '/dev/net/tun', '/dev/kvm', '/dev/kmsg', '/dev/loop-control', '/dev/loop0', '/dev/loop1']

/** Names of the capabilities that no process of this machine can have, from the text of /proc/self/status. */
export function missingCapabilities(status: string): string[] {
  const [, bounding] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status) ?? []
  if (!bounding) return []
  const set = BigInt(`0x${bounding}`)
  return CAPABILITIES.filter((_, number) => (set & (1n << BigInt(number))) === 0n)
}

/** The engine could not give a container all capabilities. */
export const lacksCapabilities = (error: unknown): boolean => /unable to apply caps/i.test(engineMessage(error))

export interface PrivilegedWays {
  /** As asked for, or as much as can be had once that was refused. */
  hostConfig(): Docker.HostConfig
  /** For the build's log, when it is not as asked for. */
  note(): string | undefined
  /** Whether another way is left after this error; the next `hostConfig` is it. */
  fallBack(error: unknown): Promise<boolean>
}

/** `local`: the engine runs on this machine, so that its capabilities are ours. */
export function privilegedWays(local: boolean): PrivilegedWays {
  let missing: string[] | undefined
  return {
    hostConfig: () => (missing === undefined ? { Privileged: true } : allBut(missing)),
    note: () =>
      missing &&
      `Privileged mode: this machine has no ${missing.map(name => `CAP_${name}`).join(', ')}, so the build has all other capabilities and all devices`,
    async fallBack(error) {
      const [, unknown] = /unknown capability: "?CAP_(\w+)/i.exec(engineMessage(error)) ?? []
      if (unknown && missing?.includes(unknown)) {
        // An older engine neither gives nor takes away what it does not know.
        missing = missing.filter(name => name !== unknown)
        return true
      }
      if (!local || missing !== undefined || !lacksCapabilities(error)) return false
      const found = missingCapabilities(await readFile('/proc/self/status', 'utf8').catch(() => ''))
      if (found.length === 0) return false
      missing = found
      return true
    },
  }
}

function allBut(missing: readonly string[]): Docker.HostConfig & { CgroupnsMode: 'private' } {
  return {
    Privileged: false,
    CapAdd: ['ALL'],
    CapDrop: [...missing],
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    MaskedPaths: [],
    ReadonlyPaths: [],
    DeviceCgroupRules: ['a *:* rwm'],
    Devices: DEVICES.filter(path => existsSync(path)).map(path => ({
      PathOnHost: path,
      PathInContainer: path,
      CgroupPermissions: 'rwm',
    })),
    CgroupnsMode: 'private',
  }
}

/**
 * The first lines of a privileged container's main process. The engine mounts /sys and the control groups read-only where it was not asked for
 * `Privileged`. AWS: its own images start their Docker with this script, which is their entrypoint (aws-codebuild-docker-images).
 */
export const PRIVILEGED_MAIN = `
for cy_d in /sys /sys/fs/cgroup /sys/fs/cgroup/*; do mount -o remount,bind,rw "$cy_d" 2>/dev/null; done
if [ -x /usr/local/bin/dockerd-entrypoint.sh ]; then /usr/local/bin/dockerd-entrypoint.sh true >/dev/null 2>&1 </dev/null & fi
`

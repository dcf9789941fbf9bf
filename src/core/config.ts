// What a process was started with. Built once by the command line (or a test) and passed on, never read from the environment.

export interface Config {
  /** Holds the embedded database, blobs, git objects, keys. */
  readonly dataDir: string
  /** Twelve digits: the account of the root credentials. */
  readonly account: string
  readonly region: string
  readonly host: string
  readonly port: number
  readonly sshPort: number
  /** What clients on this machine use, for example http://127.0.0.1:4566. */
  readonly endpoint: string
  /** Where other machines, and builds on them, reach the API. */
  readonly apiEndpoint?: string
  /** An external PostgreSQL; the embedded one without it. */
  readonly databaseUrl?: string
  /** A directory, or s3://bucket. */
  readonly blobs: string
  readonly roles: readonly Role[]
  /** Fleets whose builds this process takes, as account/region/name; without any it takes those of no fleet. */
  readonly fleets?: readonly string[]
  /** Builds at once; the processors without it. */
  readonly slots?: number
  /** Builds of an account at once by kind (`Linux/Small`, `*`), for the whole house; unlimited without it. */
  readonly buildLimits?: ReadonlyMap<string, number>
  /** Seconds after which a build whose builder is gone is given up, for the whole house; a builder that is cut off ends its builds in half of it. */
  readonly lostAfter?: number
  readonly sandbox: 'auto' | 'docker' | 'host' | 'scripted'
  /** test/test credentials and POST /_codeyard/reset; loopback only. */
  readonly dev: boolean
  /** smtp://user:password@host:port for SNS's email subscriptions. */
  readonly smtp?: string
}

export type Role = 'api' | 'jobs' | 'build'

// What the gateway needs to know of identities; services/iam provides it, server.ts brings the two together.

import type { Scope } from '../core/scope.ts'
import type { Principal } from '../operation/principal.ts'

/** A key pair that can sign, with whom it stands for. */
export interface Credential {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Set for temporary credentials: the request must carry exactly this token. */
  readonly sessionToken?: string
  /** When temporary credentials end; the signature check answers ExpiredToken from then on. */
  readonly expires?: Date
  readonly principal: Principal
  readonly active: boolean
}

/** Policy documents (JSON text) that speak for or against a principal. Root has none and may do everything. */
export interface PrincipalPolicies {
  readonly identity: readonly string[]
  readonly boundary?: string
  readonly session?: readonly string[]
}

export interface IdentityDirectory {
  /** By access key id, the session token being needed to find some temporary ones. Cached; undefined when unknown. */
  findCredential(accessKeyId: string, sessionToken?: string): Promise<Credential | undefined>
  /** Cached until IAM changes (heard by notify in every process). */
  policiesOf(principal: Principal): Promise<PrincipalPolicies>
  /** The principal of `service` acting as the role; ServiceError AccessDenied when its trust policy does not allow it. */
  assumeAsService(scope: Scope, service: string, roleArn: string, sessionName: string): Promise<Principal>
  /** A user's service-specific credential (git over HTTPS): the password is compared in constant time. */
  findServiceCredential(service: string, userName: string, password: string): Promise<Principal | undefined>
  /** An active SSH public key by its id (`APKA...`, the user name of git over SSH): the OpenSSH line and whose it is. */
  findSshKey?(sshPublicKeyId: string): Promise<{ readonly body: string; readonly principal: Principal } | undefined>
  /** Tells that a signature was accepted: "last used" of keys and roles. Cheap; written in batches. */
  used?(principal: Principal, accessKeyId: string, service: string, region: string): void
}

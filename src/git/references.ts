// What a reference is between the service that owns the rows and the git directory that mirrors them.

export interface Reference {
  /** `refs/heads/main` */
  readonly name: string
  readonly id: string
  /** What an annotated tag finally points to. */
  readonly peeled?: string
}

/** One line of a push: `ZERO_ID` as old creates, as new deletes. */
export interface Command {
  readonly name: string
  readonly old: string
  readonly new: string
}

/** Result of one command; `reason` is shown to the person who pushed. */
export type CommandResult =
  | { readonly name: string; readonly status: 'ok' }
  | { readonly name: string; readonly status: 'rejected'; readonly reason: string }

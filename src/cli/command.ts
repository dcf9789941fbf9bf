// What a command of the command line is.

export interface Option {
  readonly type: 'string' | 'boolean'
  /** May be given more than once: the value is an array. */
  readonly multiple?: boolean
  /** Shown in the help: `--port N`. */
  readonly value?: string
  readonly help: string
}

export interface Given {
  /** Values by option name. */
  readonly text: Readonly<Record<string, string | undefined>>
  readonly flag: Readonly<Record<string, boolean>>
  readonly list: Readonly<Record<string, readonly string[]>>
  readonly positionals: readonly string[]
}

export interface Command {
  readonly summary: string
  /** Positional arguments as the help shows them: `[DIR]`. */
  readonly arguments?: string
  /** How many positionals at most; 0 by default. */
  readonly most?: number
  readonly options: Readonly<Record<string, Option>>
  /** More lines for the help. */
  readonly details?: string
  /** Answers the exit code. */
  run(given: Given): Promise<number>
}

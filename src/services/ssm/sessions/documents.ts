// Which kinds of session there are: AWS's own session documents, by name.

import { fail, invalid } from '../errors.ts'

export interface SessionKind {
  /** AWS: what the handshake calls it. */
  readonly type: 'Standard_Stream' | 'InteractiveCommands' | 'NonInteractiveCommands'
  /** The command line; a shell without one. */
  readonly line?: string
}

export const SHELL_DOCUMENT = 'SSM-SessionManagerRunShell'

/** Fails with InvalidDocument for documents that Codeyard has not, with ValidationException for parameters that do not fit. */
export function sessionKind(document: string, parameters: Readonly<Record<string, readonly string[]>>): SessionKind {
  switch (document) {
    case SHELL_DOCUMENT:
      return { type: 'Standard_Stream' }
    case 'AWS-StartInteractiveCommand':
      return { type: 'InteractiveCommands', line: commandOf(document, parameters) }
    case 'AWS-StartNonInteractiveCommand':
      return { type: 'NonInteractiveCommands', line: commandOf(document, parameters) }
    default:
      return fail(
        'InvalidDocument',
        `Document with name ${document} is not supported by Codeyard: build environments have no SSH server and forward no ports. Use ${SHELL_DOCUMENT}, AWS-StartInteractiveCommand or AWS-StartNonInteractiveCommand.`,
      )
  }
}

function commandOf(document: string, { command }: Readonly<Record<string, readonly string[]>>): string {
  const line = command?.join(' ') ?? ''
  if (line.trim() === '') invalid(`The parameter command of ${document} must not be empty`)
  return line
}

// What is wrong with a file, and where: said alike for every kind of file.

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** Both count from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** `file:line:column: message`, warnings marked as such. */
export function diagnosticLine({ file, line, column, severity, message }: Diagnostic): string {
  return `${file}:${line}:${column}: ${severity === 'warning' ? 'warning: ' : ''}${message}`
}

// The help texts, made from the commands themselves.

import type { Command } from './command.ts'
import { commands } from './commands.ts'

export async function overview(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(10)} ${(await load()).default.summary}`),
  )
  return `Codeyard: the AWS CI/CD stack that you run yourself.

usage: codeyard COMMAND [OPTIONS]

${lines.join('\n')}

'codeyard COMMAND --help' explains one of them. Start with 'codeyard demo'.
`
}

export function commandHelp(name: string, command: Command): string {
  const options = Object.entries(command.options).map(([key, option]) => {
    const left = `--${key}${option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''}`
    return `  ${left.padEnd(24)} ${option.help}${option.multiple ? ' (may be repeated)' : ''}`
  })
  const usage = ['usage: codeyard', name, command.arguments, options.length > 0 ? '[OPTIONS]' : '']
    .filter(Boolean)
    .join(' ')
  return [
    usage,
    '',
    command.summary,
    ...(options.length > 0 ? ['', ...options] : []),
    ...(command.details ? ['', command.details] : []),
    '',
  ].join('\n')
}

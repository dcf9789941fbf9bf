// The reactions that a comment can be given, in the three ways in which they are written. Pure.

import type { ReactionValueFormats } from '@aws-sdk/client-codecommit'

export interface Reaction {
  /** As counts of reactions name it: THUMBSUP. */
  readonly name: string
  readonly formats: Required<ReactionValueFormats>
}

const reaction = (name: string, shortCode: string, emoji: string): Reaction => ({
  name,
  formats: { emoji, shortCode: `:${shortCode}:`, unicode: `U+${emoji.codePointAt(0)!.toString(16).toUpperCase()}` },
})

// AWS: emojis, short codes and code points of a limited set [how-to-commit-comment]; counts name them THUMBSUP.
const REACTIONS: readonly Reaction[] = [
  reaction('THUMBSUP', 'thumbsup', '👍'),
  reaction('THUMBSDOWN', 'thumbsdown', '👎'),
  reaction('SMILE', 'smile', '😄'),
  reaction('HEART', 'heart', '❤️'),
  reaction('ANGRY', 'angry', '😠'),
  reaction('CONFUSED', 'confused', '😕'),
  reaction('SCREAM', 'scream', '😱'),
  reaction('SLEEPING', 'sleeping', '😴'),
  reaction('CLAP', 'clap', '👏'),
]

const BY_NAME = new Map(REACTIONS.map(one => [one.name, one]))

/** By the name that is stored. */
export const reactionNamed = (name: string): Reaction => BY_NAME.get(name)!

/** `none` takes the reaction away; undefined is no reaction. */
export function readReaction(value: string): Reaction | 'none' | undefined {
  if (value.trim() === '' || value.toLowerCase() === 'none') return 'none'
  return REACTIONS.find(({ name, formats: { emoji, shortCode, unicode } }) =>
    [emoji, emoji.replace('\u{fe0f}', ''), shortCode, shortCode.replaceAll(':', ''), unicode, name].includes(value),
  )
}

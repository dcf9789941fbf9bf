// What policies attach to.

export type Kind = 'user' | 'group' | 'role'

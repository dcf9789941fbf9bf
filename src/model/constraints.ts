// The facts about operation inputs that scripts/generateConstraints.py writes, as they stand in constraints/*.json.

export interface Constraints {
  /** Operation -> name of its input's shape. Operations whose input may be anything are absent. */
  readonly operations: Readonly<Record<string, string>>
  readonly shapes: Readonly<Record<string, Constraint>>
}

interface Limits {
  readonly min?: number
  readonly max?: number
}

export interface StructureConstraint {
  readonly type: 'structure'
  readonly required?: readonly string[]
  readonly members?: Readonly<Record<string, string>>
  readonly union?: boolean
}

export interface ListConstraint extends Limits {
  readonly type: 'list'
  readonly item?: string
}

export interface MapConstraint extends Limits {
  readonly type: 'map'
  readonly key?: string
  readonly value?: string
}

export interface TextConstraint extends Limits {
  readonly type: 'string' | 'blob'
  /** A Java regular expression that the whole value must match. */
  readonly pattern?: string
  readonly enum?: readonly string[]
  /** The value is never repeated in an error. */
  readonly sensitive?: boolean
}

export interface NumberConstraint extends Limits {
  readonly type: 'integer' | 'number'
}

export type Constraint = StructureConstraint | ListConstraint | MapConstraint | TextConstraint | NumberConstraint

// Headers that came behind a body (checksums of streamed uploads): the transport hangs them on the input of streaming operations.

const TRAILERS = Symbol.for('codeyard.trailers')

export interface InputTrailers {
  /** As announced by `x-amz-trailer`, lower case. */
  readonly names: readonly string[]
  /** Known when the body has been read to its end. */
  readonly values: Promise<Readonly<Record<string, string>>>
}

/** Hangs `trailers` on a parsed input; serializers and validators do not see them. */
export function withTrailers<Input extends object>(input: Input, trailers: InputTrailers): Input {
  return Object.defineProperty(input, TRAILERS, { value: trailers })
}

export function trailersOf(input: object): InputTrailers | undefined {
  return (input as { [TRAILERS]?: InputTrailers })[TRAILERS]
}

/** Thrown when code, not a user or a venue, broke a rule. Nothing catches it except the edge that reports bugs. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws `InvariantError` unless `condition` holds. Only for what cannot happen unless the program is wrong. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

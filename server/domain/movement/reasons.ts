/**
 * Why an account is compared with its venue: connected just now, a worker began, a stream came back, a minute with open orders or a quarter
 * of an hour without, a difference that is looked at again, a dead man's switch that was not renewed in time, or somebody asked.
 */
export const RECONCILE_REASONS = [
  "CONNECT",
  "START",
  "RECONNECT",
  "MINUTE",
  "QUARTER_HOUR",
  "FOLLOW_UP",
  "LAPSE",
  "BY_HAND",
] as const;
export type ReconcileReason = (typeof RECONCILE_REASONS)[number];

export function isReconcileReason(value: unknown): value is ReconcileReason {
  return RECONCILE_REASONS.some((reason) => reason === value);
}

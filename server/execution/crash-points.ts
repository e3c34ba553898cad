/**
 * Places where a process may die with the most to lose. A fault test sets NIJA_CRASH_POINT to `<name>` or `<name>#<n>`
 * (die at the n-th passing) and then proves that the next worker puts things right. Unset, a point costs one comparison.
 */
export const CRASH_POINTS = [
  "route:before-commit",
  "submit:before-claim-commit", // inside transaction A
  "submit:after-claim-commit", // SUBMITTING is durable, nothing is sent
  "submit:after-send", // the venue has answered, nothing is recorded
  "submit:before-record-commit", // inside transaction B
  "submit:after-record-commit",
  "fill:before-commit",
  "cancel:after-send",
  "replace:before-claim-commit",
  "replace:after-claim-commit", // that it may be sent is durable, nothing is
  "replace:after-send", // the venue has answered, nothing is recorded
  "replace:before-record-commit",
  "replace:before-settle-commit", // where another order takes over, it does so in this transaction
  "replace:after-settle-commit",
] as const;

/** The same where books are compared: what was found is written, or is committed and the job is not finished. */
export const RECONCILE_CRASH_POINTS = ["reconcile:before-commit", "reconcile:after-commit"] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number] | (typeof RECONCILE_CRASH_POINTS)[number];

let passed = 0;

/** Kills this process without any clean-up if the environment names this point. */
export function crashPoint(name: CrashPoint): void {
  const wanted = process.env["NIJA_CRASH_POINT"];
  if (wanted === undefined || wanted === "") return;
  const [point, nth] = wanted.split("#");
  if (point !== name) return;
  passed += 1;
  if (passed >= Number(nth ?? 1)) process.kill(process.pid, "SIGKILL");
}

import type { ScreenErrorCode } from "#lib/errors/app-error.ts";

/** Refusals that prove that this intent had no effect and will have none, whatever happened before. */
const SETTLING: ReadonlySet<ScreenErrorCode> = new Set<ScreenErrorCode>(["INPUT_INVALID", "INPUT_TOO_LARGE", "INTENT_CONFLICT"]);

/** The call may have been carried out before the answer was lost. */
const AMBIGUOUS: ReadonlySet<ScreenErrorCode> = new Set<ScreenErrorCode>(["NETWORK", "INTERNAL", "DATABASE_UNAVAILABLE"]);

/**
 * What a failed `trade.place` means. `unknown`: it may have had its effect, so the same intent id must be sent again. `refused`: it
 * had none.
 *
 * INVARIANT: after one attempt without an answer, a refusal that says nothing about the intent (signed out, rate limited) does not
 * make it refused: the first attempt may have been accepted.
 */
export function placeOutcome(code: ScreenErrorCode, anEarlierAttemptIsUnknown: boolean): "unknown" | "refused" {
  if (SETTLING.has(code)) return "refused";
  return AMBIGUOUS.has(code) || anEarlierAttemptIsUnknown ? "unknown" : "refused";
}

const FIRST_WAIT_MS = 1_000;
const WAIT_MS_MAX = 15_000;

/** How long to wait before asking again, growing with the number of attempts made. */
export function nextAskMs(attempts: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, attempts - 1), WAIT_MS_MAX);
}

import { VENUE_IDS } from "#server/domain/venue.ts";
import type { FaultInput } from "#simulator/control/faults.ts";
import type { SimulatorProcess } from "./child-processes.ts";

/** Of all order calls, whoever makes them. */
export const FAILING_SHARE = 0.01;
const RETRY_AFTER_SECONDS = 1;

/** What goes wrong with order calls, in equal parts: lost before and after the venue acted, broken, and told to wait. */
type Failure =
  | { readonly kind: "drop-request" }
  | { readonly kind: "drop-response" }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "rate-limited"; readonly retryAfterSeconds: number };

const FAILURES: readonly Failure[] = [
  { kind: "drop-request" },
  { kind: "drop-response" },
  { kind: "status", status: 503 },
  { kind: "rate-limited", retryAfterSeconds: RETRY_AFTER_SECONDS },
];

/** From here on one call in a hundred fails at every venue, until the answer is called; it tells how many did. */
export async function startFailing(simulator: SimulatorProcess): Promise<() => Promise<number>> {
  const probability = FAILING_SHARE / FAILURES.length;
  for (const venue of VENUE_IDS) {
    for (const failure of FAILURES) {
      await simulator.control("/faults", { ...failure, venue, callKind: "place", probability } satisfies FaultInput);
    }
  }
  return async () => {
    const faults = (await simulator.control("/faults")) as readonly { readonly hits: number }[];
    await simulator.control("/faults", undefined, "DELETE");
    return faults.reduce((sum, { hits }) => sum + hits, 0);
  };
}

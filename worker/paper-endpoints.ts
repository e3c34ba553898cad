import { VENUE_IDS } from "#server/domain/venue.ts";
import type { VenueEndpoints } from "#server/execution/executors/executor.ts";

/** Where the paper venues listen: the control API has the base port, the venues take the next ones. Loopback only. */
export function paperEndpoints(portBase: number): VenueEndpoints {
  const at = (port: number) => ({ http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` });
  return { origins: Object.fromEntries(VENUE_IDS.map((venue, index) => [venue, at(portBase + 1 + index)])) };
}

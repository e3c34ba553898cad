import type { EventSequence, RealtimeEvent } from "#lib/realtime/sequence.ts";

/** Asks the server for up to `limit` events after `afterSeq`, oldest first. */
export type FetchSince = (afterSeq: string, limit: number) => Promise<readonly RealtimeEvent[]>;

const PAGE_SIZE = 200;
/** More than this was missed during a long sleep: reading the current state again is cheaper than replaying it. */
const PAGES_MAX = 25;

export type CatchUpResult = "caught-up" | "too-far-behind";

/**
 * Applies everything after the last applied event, page by page, until the server has no more. Throws what `fetchSince` throws;
 * what was applied until then stays applied, so calling again goes on from there.
 */
export async function catchUp(
  sequence: EventSequence,
  fetchSince: FetchSince,
  apply: (event: RealtimeEvent) => void,
): Promise<CatchUpResult> {
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const events = await fetchSince(sequence.last ?? "0", PAGE_SIZE);
    for (const event of events) {
      if (sequence.takeReplayed(event.seq)) apply(event);
    }
    if (events.length < PAGE_SIZE) return "caught-up";
  }
  return "too-far-behind";
}

import type { gate as Gate } from "ccxt";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { asRecord, instant, text } from "#server/execution/executors/ccxt/wire-value.ts";

/** gate's calls about many orders at once. */
export function gateBulkWire(exchange: Gate): BulkWire {
  return {
    async cancelAllAfter(seconds) {
      const answer = asRecord(await exchange.privateSpotPostCountdownCancelAll({ timeout: seconds }), "countdown");
      const at = text(answer, "triggerTime");
      return seconds === 0 ? null : instant(at, "ms", "triggerTime");
    },
  };
}

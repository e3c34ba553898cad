import type { kraken as Kraken } from "ccxt";
import { resultOf } from "#server/execution/executors/ccxt/venues/kraken-answers.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { instant, text } from "#server/execution/executors/ccxt/wire-value.ts";

/** kraken's calls about many orders at once. */
export function krakenBulkWire(exchange: Kraken): BulkWire {
  return {
    async cancelAllAfter(seconds) {
      const at = text(resultOf(await exchange.privatePostCancelAllOrdersAfter({ timeout: seconds })), "triggerTime");
      return at === "0" ? null : instant(at, "iso", "triggerTime");
    },
  };
}

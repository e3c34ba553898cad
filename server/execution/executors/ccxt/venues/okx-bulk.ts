import type { okx as Okx } from "ccxt";
import { Limiter } from "#server/execution/executors/ccxt/limiter.ts";
import { rowOf } from "#server/execution/executors/ccxt/venues/okx-answers.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { instant, text } from "#server/execution/executors/ccxt/wire-value.ts";

/** The countdown may be set once a second: a limit of its own, far below what orders may have. */
const COUNTDOWN_BUDGET = { capacity: 1, refillPerSecond: 0.9 };
const COUNTDOWN_WAIT_MS_MAX = 4_000;

/** okx's calls about many orders at once. */
export function okxBulkWire(exchange: Okx): BulkWire {
  const countdown = new Limiter(COUNTDOWN_BUDGET);
  return {
    async cancelAllAfter(seconds) {
      await countdown.take(1, COUNTDOWN_WAIT_MS_MAX);
      const row = rowOf(await exchange.privatePostTradeCancelAllAfter({ timeOut: String(seconds) }));
      const at = text(row, "triggerTime");
      return at === "0" ? null : instant(at, "ms", "triggerTime");
    },
  };
}

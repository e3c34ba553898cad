import { ZERO } from "#server/domain/decimal.ts";
import type { SimBalance, VenueEngine } from "#simulator/engine/types.ts";
import { stableId } from "#simulator/protocols/kucoin/account.ts";

/** One account's balance messages for one socket. Each tells the change since the one before as well. */
export class BalanceChanges {
  readonly #engine: VenueEngine;
  readonly #accountId: string;
  readonly #last: Map<string, SimBalance>;
  #events = 0;

  constructor(engine: VenueEngine, accountId: string) {
    this.#engine = engine;
    this.#accountId = accountId;
    this.#last = new Map(engine.balances(accountId).map((balance) => [balance.asset, balance]));
  }

  message(balance: SimBalance): Readonly<Record<string, unknown>> {
    const { asset, free, locked } = balance;
    const before = this.#last.get(asset);
    this.#last.set(asset, balance);
    this.#events += 1;
    const availableChange = free.minus(before?.free ?? ZERO);
    const holdChange = locked.minus(before?.locked ?? ZERO);
    return {
      accountId: stableId(this.#accountId, "trade", asset),
      currency: asset,
      total: free.plus(locked).toFixed(),
      available: free.toFixed(),
      availableChange: availableChange.toFixed(),
      hold: locked.toFixed(),
      holdChange: holdChange.toFixed(),
      // Funds that only move between free and held are a hold; everything else is a settlement.
      relationEvent: availableChange.plus(holdChange).isZero() ? "trade.hold" : "trade.setted",
      relationEventId: stableId(this.#accountId, asset, String(this.#events)),
      relationContext: {},
      time: String(this.#engine.now()),
    };
  }
}

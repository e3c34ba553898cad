import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimBalance, VenueEngine } from "#simulator/engine/types.ts";
import { krakenAsset } from "#simulator/protocols/kraken/names.ts";
import { wireInstant, wireNumber } from "#simulator/protocols/kraken/wire-number.ts";

/** The `balances` channel: totals at first, then one entry per asset whose total changed. Holds for orders do not show. */
export class BalancesChannel {
  readonly #engine: VenueEngine;
  readonly #accountId: string;
  readonly #totals = new Map<string, Decimal>();
  #entries = 0;

  constructor(engine: VenueEngine, accountId: string) {
    this.#engine = engine;
    this.#accountId = accountId;
  }

  snapshot(): readonly unknown[] {
    return this.#engine.balances(this.#accountId).map(({ asset, free, locked }) => {
      const total = free.add(locked);
      this.#totals.set(asset, total);
      const balance = wireNumber(total, krakenAsset(asset).decimals);
      return { asset, asset_class: "currency", balance, wallets: [{ type: "spot", id: "main", balance }] };
    });
  }

  update(balances: readonly SimBalance[]): readonly unknown[] {
    return balances.flatMap(({ asset, free, locked }) => {
      const total = free.add(locked);
      const amount = total.sub(this.#totals.get(asset) ?? ZERO);
      if (amount.isZero()) return [];
      this.#totals.set(asset, total);
      this.#entries += 1;
      const { decimals } = krakenAsset(asset);
      const entry = {
        asset,
        asset_class: "currency",
        amount: wireNumber(amount, decimals),
        balance: wireNumber(total, decimals),
        fee: 0,
        ledger_id: `L${String(this.#entries).padStart(5, "0")}-${asset}`,
        ref_id: `T${String(this.#entries).padStart(5, "0")}-${asset}`,
        timestamp: wireInstant(this.#engine.now()),
        type: "trade",
        subtype: "trade",
        category: "trade",
        wallet_type: "spot",
        wallet_id: "main",
      };
      return [entry];
    });
  }
}

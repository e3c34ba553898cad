import { expect } from "vitest";
import type { ProtectPositionInput } from "#lib/contracts/triggers.ts";
import { systemClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { listWorkspaceTriggers } from "#server/services/triggers/cancel-trigger.ts";
import { protectPosition } from "#server/services/triggers/protect-position.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";
import { eventually } from "./eventually.ts";
import { FAULT_VENUES, type FaultAccount, type FaultPlatform, type Row } from "./fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "./ledger-matches.ts";

const PATIENCE_MS = 40_000;

/** One position at one venue, with a market that goes where the test says, and what the venue itself has recorded of it. */
export class RestingWorld {
  readonly #platform: FaultPlatform;
  readonly venue: SimVenueId;
  readonly symbol: string;
  readonly #mid: Decimal;
  #account: FaultAccount | null = null;

  constructor(platform: FaultPlatform, venue: SimVenueId) {
    this.#platform = platform;
    this.venue = venue;
    this.symbol = FAULT_VENUES.find((known) => known.venue === venue)?.symbol ?? "";
    const { bids, asks } = platform.simulator.control.market(venue, this.symbol).book;
    const [bid, ask] = [bids[0]?.[0], asks[0]?.[0]];
    if (bid === undefined || ask === undefined) throw new Error(`${venue} has no book of ${this.symbol}`);
    this.#mid = bid.plus(ask).div(2);
  }

  get account(): FaultAccount {
    if (this.#account === null) throw new Error("nobody trades here yet");
    return this.#account;
  }

  /** A new trader in a market that is back where it began. Needs a running worker. */
  async open(): Promise<void> {
    await this.moveTo(1);
    // Alpaca takes its fee in what is received; elsewhere the whole quantity is there to sell.
    this.#account = await this.#platform.openAccount(this.venue, undefined, this.venue === "alpaca" ? undefined : "quote");
  }

  get web() {
    return { database: this.#platform.web, clock: systemClock };
  }

  at(factor: number): string {
    return this.#mid.times(factor).toFixed(0);
  }

  /** Moves the market at the venue and waits for nobody. */
  jumpTo(factor: number): void {
    this.#platform.simulator.control.setMarket({ venue: this.venue, symbol: this.symbol, mid: this.at(factor) });
  }

  /** Moves the market and waits until the platform knows. */
  async moveTo(factor: number): Promise<void> {
    this.jumpTo(factor);
    await eventually(
      async () => {
        const [book] = await this.#platform.query(
          "select bids->0->>0 as bid from market_books where mode = 'PAPER' and venue = $1 and symbol = $2",
          [this.venue, this.symbol],
        );
        return new Decimal(String(book?.["bid"] ?? 0)).div(this.at(factor)).minus(1).abs().lt(0.002);
      },
      { what: `the books being at ${factor}`, timeoutMs: PATIENCE_MS },
    );
  }

  async buy(quantity = "0.02"): Promise<Decimal> {
    const orderId = await this.#platform.placeAccepted(this.account, { quantity });
    await this.#platform.orderIn(orderId, "FILLED");
    return this.position();
  }

  sell(quantity: string): Promise<string> {
    return this.#platform.placeAccepted(this.account, { side: "SELL", isExit: true, quantity });
  }

  /** A stop, a target or both over the whole position, unless told otherwise; their ids. */
  async protect(levels: Partial<ProtectPositionInput>): Promise<readonly string[]> {
    const { venueAccountId, actor } = this.account;
    const made = await protectPosition(this.web, actor, {
      workspaceId: actor.workspaceId,
      groupId: crypto.randomUUID(),
      venueAccountId,
      symbol: this.symbol,
      quantity: null,
      stopPrice: null,
      trailBps: null,
      takeProfitPrice: null,
      ...levels,
    });
    return made.map(({ id }) => id);
  }

  async trigger(id: string | undefined): Promise<Row> {
    const [row] = await this.#platform.query("select * from triggers where id = $1", [id]);
    if (row === undefined) throw new Error(`no trigger ${id}`);
    return row;
  }

  triggerIn(id: string | undefined, state: string): Promise<Row> {
    return eventually(
      async () => {
        const row = await this.trigger(id);
        return row["state"] === state ? row : null;
      },
      { what: `the trigger being ${state}`, timeoutMs: PATIENCE_MS },
    );
  }

  /** As the screen is told of it. */
  async shown(id: string | undefined) {
    const listed = await listWorkspaceTriggers(this.web, this.account.actor);
    return listed.find((each) => each.id === id);
  }

  /** Waits until the screen says that the venue holds it, and answers the order that does, of `quantity` if given. */
  rests(id: string | undefined, quantity?: string): Promise<Row> {
    return eventually(
      async () => {
        const shown = await this.shown(id);
        if (shown?.heldBy !== "VENUE" || shown.restingOrderId === null) return null;
        const order = await this.#platform.order(shown.restingOrderId);
        return quantity === undefined || new Decimal(String(order["quantity"])).eq(quantity) ? order : null;
      },
      { what: `the venue holding the stop${quantity === undefined ? "" : ` of ${quantity}`}`, timeoutMs: PATIENCE_MS },
    );
  }

  /** Waits until the screen says why the worker holds it. */
  held(id: string | undefined, because: string) {
    return eventually(async () => ((await this.shown(id))?.heldBecause === because ? true : null), {
      what: `the stop being held because ${because}`,
      timeoutMs: PATIENCE_MS,
    });
  }

  async position(): Promise<Decimal> {
    const [row] = await this.#platform.query("select quantity from positions where venue_account_id = $1", [
      this.account.venueAccountId,
    ]);
    return new Decimal(String(row?.["quantity"] ?? "0"));
  }

  /** What waits or works at the venue, by its own record. */
  openAtVenue() {
    return this.#platform.simulator.control.books(this.account.simAccountId).orders.filter(({ status }) => status === "open");
  }

  /** What was sold at the venue, by its own record. */
  soldAtVenue(): Decimal {
    const { fills } = this.#platform.simulator.control.books(this.account.simAccountId);
    return fills.filter(({ side }) => side === "sell").reduce((sum, fill) => sum.plus(fill.amount), new Decimal(0));
  }

  async exits(): Promise<Row[]> {
    return this.#platform.query("select * from orders where venue_account_id = $1 and is_exit order by created_at, id", [
      this.account.venueAccountId,
    ]);
  }

  async eventsOf(id: string | undefined): Promise<string[]> {
    const rows = await this.#platform.query("select type from events where data->>'triggerId' = $1 order by seq", [id]);
    return rows.map((row) => String(row["type"]));
  }

  /** The venue has sold `quantity`, once, nothing is left there, and ledger and venue agree. */
  async expectSold(quantity: Decimal): Promise<void> {
    expect(this.soldAtVenue().toFixed(), "sold at the venue").toBe(quantity.toFixed());
    expect(this.openAtVenue(), "left open at the venue").toEqual([]);
    await eventually(
      async () => (await this.exits()).every((row) => String(row["state"]).match(/FILLED$|CANCELED|REJECTED|DENIED|EXPIRED/)),
      {
        what: "every exit being over",
        timeoutMs: PATIENCE_MS,
      },
    );
    await expectNothingReserved(this.#platform, this.account);
    await expectLedgerMatches(this.#platform, this.account);
  }
}

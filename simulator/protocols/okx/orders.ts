import type { SimAccount, SimOrder, SimRejectReason, SimResult, VenueEngine } from "#simulator/engine/types.ts";
import { OkxRefusal, PLACE_CODES } from "#simulator/protocols/okx/errors.ts";
import type { OkxInstrument, OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import type { OrderNotes } from "#simulator/protocols/okx/order-notes.ts";
import { clientOrderId, parseOrder } from "#simulator/protocols/okx/order-request.ts";
import { integer, needed, type Params, positive, text } from "#simulator/protocols/okx/params.ts";

const BATCH_MAX = 20;
const SWITCH_SECONDS_MIN = 10;
const SWITCH_SECONDS_MAX = 120;

/** What became of one order in a request. `refusal` is null if the venue did it. */
export interface OrderResult {
  readonly row: Readonly<Record<string, string>>;
  readonly refusal: OkxRefusal | null;
}

export type OrderAction = "place" | "cancel" | "amend";

/** Placing, cancelling and amending, for REST and sockets alike. */
export class OrderDesk {
  readonly #engine: VenueEngine;
  readonly #instruments: OkxInstruments;
  readonly #notes: OrderNotes;

  constructor(engine: VenueEngine, instruments: OkxInstruments, notes: OrderNotes) {
    this.#engine = engine;
    this.#instruments = instruments;
    this.#notes = notes;
  }

  /** One order. A request that is not even complete is refused as a whole: then this throws. */
  single(action: OrderAction, account: SimAccount, params: Params): OrderResult {
    const result = this.#attempt(action, account, params);
    const code = result.refusal?.code;
    if (result.refusal !== null && (code === "50014" || code === "50015")) throw result.refusal;
    return result;
  }

  /** Up to twenty orders, each standing for itself. */
  batch(action: OrderAction, account: SimAccount, orders: readonly Params[]): readonly OrderResult[] {
    if (orders.length > BATCH_MAX) throw new OkxRefusal("51111");
    return orders.map((params) => this.#attempt(action, account, params));
  }

  #attempt(action: OrderAction, account: SimAccount, params: Params): OrderResult {
    const ts = String(this.#engine.now());
    const echo = { clOrdId: text(params, "clOrdId") ?? "", ordId: action === "place" ? "" : (text(params, "ordId") ?? ""), ts };
    const more =
      action === "place" ? { tag: text(params, "tag") ?? "" } : action === "amend" ? { reqId: text(params, "reqId") ?? "" } : {};
    try {
      const order = this.#act(action, account, params);
      const row = { ...echo, ...more, clOrdId: order.clientOrderId ?? "", ordId: order.id, sCode: "0", sMsg: "" };
      return { row: action === "place" ? { ...row, sMsg: "Order placed" } : row, refusal: null };
    } catch (error) {
      if (!(error instanceof OkxRefusal)) throw error;
      return { row: { ...echo, ...more, sCode: error.code, sMsg: error.message }, refusal: error };
    }
  }

  #act(action: OrderAction, account: SimAccount, params: Params): SimOrder {
    if (action === "place") return this.#place(account, params);
    return action === "cancel" ? this.#cancel(account, params) : this.#amend(account, params);
  }

  #place(account: SimAccount, params: Params): SimOrder {
    const { instrument, request, note } = parseOrder(params, this.#instruments);
    const placed = this.#notes.during(account.id, note, () => this.#engine.place(account.id, request));
    if (!placed.ok) throw placeRefusal(placed.reason, instrument, request.side);
    this.#notes.keep(placed.value.order.id, note);
    return placed.value.order;
  }

  #cancel(account: SimAccount, params: Params): SimOrder {
    const order = this.find(account, params);
    if (order === undefined) throw new OkxRefusal("51400");
    const canceled = this.#engine.cancel(account.id, order.id);
    if (!canceled.ok) throw new OkxRefusal("51400");
    return canceled.value;
  }

  /** In place: the order keeps its ids. `newSz` counts what is filled already. */
  #amend(account: SimAccount, params: Params): SimOrder {
    const order = this.find(account, params);
    const amount = positive(params, "newSz");
    const price = positive(params, "newPx");
    if (amount === undefined && price === undefined) throw new OkxRefusal("51500");
    if (order === undefined || order.status !== "open") throw new OkxRefusal("51503");
    const change = { ...(amount === undefined ? {} : { amount }), ...(price === undefined ? {} : { price }) };
    const amended = this.#engine.replace(account.id, order.id, change);
    if (amended.ok) return amended.value;
    if (text(params, "cxlOnFail") === "true") this.#engine.cancel(account.id, order.id);
    throw amendRefusal(amended, this.#instruments.ofSymbol(order.symbol), order);
  }

  /** The order that a request names by `ordId` or else `clOrdId`, in the instrument it names. */
  find(account: SimAccount, params: Params): SimOrder | undefined {
    const instrument = this.#instruments.of(params);
    const ordId = text(params, "ordId");
    const clOrdId = clientOrderId(params);
    if (ordId === undefined && clOrdId === undefined) throw new OkxRefusal("50015", "ordId or clOrdId");
    const order =
      ordId === undefined ? this.#engine.orderByClientId(account.id, clOrdId ?? "") : this.#engine.order(account.id, ordId);
    return order?.symbol === instrument.symbol ? order : undefined;
  }

  /** The dead man's switch: cancels everything after `timeOut` seconds unless called again; 0 switches it off. */
  cancelAllAfter(account: SimAccount, params: Params): readonly unknown[] {
    needed(params, "timeOut");
    const seconds = integer(params, "timeOut", Number.MAX_SAFE_INTEGER) ?? 0;
    if (seconds !== 0 && (seconds < SWITCH_SECONDS_MIN || seconds > SWITCH_SECONDS_MAX)) throw new OkxRefusal("51000", "timeOut");
    const now = this.#engine.now();
    const at = seconds === 0 ? null : now + seconds * 1000;
    this.#engine.cancelAllAt(account.id, at, (order) =>
      this.#notes.keep(order.id, { ...this.#notes.of(order), cancelSource: "20" }),
    );
    return [{ tag: "", triggerTime: String(at ?? 0), ts: String(now) }];
  }
}

function placeRefusal(reason: SimRejectReason, { market }: OkxInstrument, side: "buy" | "sell"): OkxRefusal {
  const parameter = reason === "insufficient-funds" ? (side === "buy" ? market.quote : market.base) : "sz";
  return new OkxRefusal(PLACE_CODES[reason], parameter);
}

function amendRefusal(result: SimResult<SimOrder>, instrument: OkxInstrument, order: SimOrder): OkxRefusal {
  const reason = result.ok ? "bad-request" : result.reason;
  if (reason === "unknown-order") return new OkxRefusal("51503");
  return reason === "bad-request" ? new OkxRefusal("51000", "newSz") : placeRefusal(reason, instrument, order.side);
}

import type { SimAccount, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import { marketOf, pairOf, pairOfSymbol } from "#simulator/protocols/gate/context.ts";
import {
  clientIdNotFound,
  closedMarket,
  fokNotFilled,
  GateError,
  invalidParameter,
  missingParameter,
  orderNotFound,
  refusalError,
} from "#simulator/protocols/gate/errors.ts";
import type { GateFields } from "#simulator/protocols/gate/fields.ts";
import { OrderNotes } from "#simulator/protocols/gate/order-notes.ts";
import { checkAccount, parseOrder } from "#simulator/protocols/gate/order-request.ts";
import { orderRow } from "#simulator/protocols/gate/order-shape.ts";

type Row = Record<string, unknown>;

const AMEND_TEXT = /^[0-9A-Za-z_.-]{1,28}$/;

/** Everything that places, changes or ends orders, for REST and for the socket alike. */
export class OrderDesk {
  readonly notes = new OrderNotes();
  readonly #engine: VenueEngine;

  constructor(engine: VenueEngine) {
    this.#engine = engine;
  }

  row(order: SimOrder): Row {
    return orderRow(this.#engine, this.notes, order);
  }

  place(account: SimAccount, fields: GateFields): Row {
    const { market, request, answer } = parseOrder(this.#engine, fields);
    const { cost, clientOrderId } = request;
    const run = () => this.#engine.place(account.id, request);
    const result = cost === undefined ? run() : this.notes.placing({ accountId: account.id, clientOrderId, amount: cost }, run);
    if (!result.ok) {
      throw result.reason === "not-permitted" ? closedMarket(pairOf(market)) : refusalError(result.reason, market);
    }
    const { order } = result.value;
    if (cost !== undefined) this.notes.rememberQuoteAmount(order.id, cost);
    // The venue lists such an order as cancelled, and refuses the call that placed it.
    if (order.timeInForce === "FOK" && order.status === "expired") throw fokNotFilled();
    const row = this.row(order);
    return answer === "ACK" ? { id: row["id"], text: row["text"], amend_text: row["amend_text"] } : row;
  }

  /** By the venue's id in every state, by the client's (`t-...`) while the order is open. */
  find(account: SimAccount, id: string, pair: string | undefined): SimOrder {
    const byText = id.startsWith("t-");
    const order = byText ? this.#engine.orderByClientId(account.id, id.slice("t-".length)) : this.#engine.order(account.id, id);
    if (pair !== undefined) marketOf(this.#engine, pair);
    const open = order?.status === "open";
    if (byText && !open) throw clientIdNotFound(id);
    if (order === undefined) throw orderNotFound();
    if (pair === undefined && open) throw missingParameter("currency_pair");
    if (pair !== undefined && pairOfSymbol(order.symbol) !== pair) throw orderNotFound();
    return order;
  }

  #findOpen(account: SimAccount, id: string, pair: string): SimOrder {
    const order = this.find(account, id, pair);
    if (order.status === "open") return order;
    throw order.status === "filled"
      ? new GateError(400, "ORDER_CLOSED", "Order already closed")
      : new GateError(400, "ORDER_CANCELLED", "Order already cancelled");
  }

  cancel(account: SimAccount, id: string, pair: string): Row {
    const order = this.#findOpen(account, id, pair);
    const result = this.#engine.cancel(account.id, order.id);
    if (!result.ok) throw refusalError(result.reason);
    return this.row(result.value);
  }

  cancelAll(account: SimAccount, fields: GateFields): readonly Row[] {
    checkAccount(fields);
    const pair = fields.optional("currency_pair");
    const symbol = pair === undefined ? undefined : marketOf(this.#engine, pair).symbol;
    const side = fields.choice("side", ["buy", "sell"]);
    return this.#engine
      .openOrders(account.id, symbol)
      .filter((order) => side === undefined || order.side === side)
      .map((order) => this.cancel(account, order.id, pairOfSymbol(order.symbol)));
  }

  /**
   * New price and/or amount (all of it, what is filled included) of an open limit order, which keeps its id. An amount that is filled
   * already ends the order.
   */
  amend(account: SimAccount, id: string, fields: GateFields): Row {
    checkAccount(fields);
    const order = this.#findOpen(account, id, fields.required("currency_pair"));
    const [price, amount] = [fields.decimal("price"), fields.decimal("amount")];
    const samePrice = price === undefined || order.price?.eq(price) === true;
    if (samePrice && (amount === undefined || amount.eq(order.amount))) {
      throw new GateError(400, "NO_CHANGE", "No change is made");
    }
    const text = fields.optional("amend_text");
    if (text !== undefined && !AMEND_TEXT.test(text)) throw invalidParameter("amend_text", text);
    if (text !== undefined) this.notes.rememberAmendText(order.id, text);
    if (amount?.lte(order.filled) === true) return this.cancel(account, order.id, pairOfSymbol(order.symbol));
    const change = { ...(price === undefined ? {} : { price }), ...(amount === undefined ? {} : { amount }) };
    const result = this.#engine.replace(account.id, order.id, change);
    if (!result.ok) throw refusalError(result.reason, this.#engine.market(order.symbol));
    return this.row(this.#engine.order(account.id, order.id) ?? result.value);
  }
}

import type { SimEvent, VenueEngine } from "#simulator/engine/types.ts";
import { BalancesChannel } from "#simulator/protocols/kraken/balances-channel.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import type { Execution, Executions } from "#simulator/protocols/kraken/executions.ts";
import type { Params } from "#simulator/protocols/kraken/params.ts";
import type { Accepted } from "#simulator/protocols/kraken/socket-session.ts";

const SNAPSHOT_TRADES = 50;
const TURNING_POINTS: readonly string[] = ["new", "filled", "canceled", "expired"];

/** Sequence numbers count per channel and connection, from 1. */
interface Stream {
  readonly accountId: string;
  sequence: number;
}

interface ExecutionStream extends Stream {
  readonly everyStatus: boolean;
}

interface BalanceStream extends Stream {
  readonly channel: BalancesChannel;
}

/** One session's private channels; several accounts may share a connection. */
export class PrivateSubscriptions {
  readonly #engine: VenueEngine;
  readonly #source: Executions;
  readonly #executions = new Map<string, ExecutionStream>();
  readonly #balances = new Map<string, BalanceStream>();

  constructor(engine: VenueEngine, source: Executions) {
    this.#engine = engine;
    this.#source = source;
  }

  get size(): number {
    return this.#executions.size + this.#balances.size;
  }

  subscribe(channel: string, accountId: string, params: Params): Accepted {
    const streams = channel === "executions" ? this.#executions : this.#balances;
    if (streams.has(accountId)) throw new KrakenRefusal("Already subscribed");
    return channel === "executions" ? this.#openExecutions(accountId, params) : this.#openBalances(accountId, params);
  }

  unsubscribe(channel: string, accountId: string): Accepted {
    const streams = channel === "executions" ? this.#executions : this.#balances;
    if (!streams.delete(accountId)) throw new KrakenRefusal("Subscription Not Found");
    return { result: {}, messages: [] };
  }

  /** Trades and orders come as two snapshots: a client that looks at the first entry only reads both right. */
  #openExecutions(accountId: string, params: Params): Accepted {
    const stream: ExecutionStream = { accountId, sequence: 0, everyStatus: params["order_status"] !== false };
    this.#executions.set(accountId, stream);
    const trades = params["snap_trades"] === true ? this.#source.lastTrades(accountId, SNAPSHOT_TRADES) : [];
    const orders = params["snap_orders"] === false ? [] : this.#source.openOrders(accountId);
    const parts = [trades, orders].filter((part) => part.length > 0);
    const snapshots = parts.length === 0 ? [[]] : parts;
    return {
      result: { snapshot: true, snap_trades: params["snap_trades"] === true, snap_orders: params["snap_orders"] !== false },
      messages: snapshots.map((data) => framed("executions", "snapshot", data, stream)),
    };
  }

  #openBalances(accountId: string, params: Params): Accepted {
    const stream: BalanceStream = { accountId, sequence: 0, channel: new BalancesChannel(this.#engine, accountId) };
    this.#balances.set(accountId, stream);
    const data = stream.channel.snapshot();
    const wanted = params["snapshot"] !== false;
    return { result: { snapshot: wanted }, messages: wanted ? [framed("balances", "snapshot", data, stream)] : [] };
  }

  event(event: SimEvent): readonly unknown[] {
    if (event.kind !== "balance") return [];
    const stream = this.#balances.get(event.accountId);
    if (stream === undefined) return [];
    const data = stream.channel.update(event.balances);
    return data.length === 0 ? [] : [framed("balances", "update", data, stream)];
  }

  execution(accountId: string, execution: Execution): readonly unknown[] {
    const stream = this.#executions.get(accountId);
    if (stream === undefined) return [];
    const told = stream.everyStatus || execution.exec_type === "trade" || TURNING_POINTS.includes(execution.exec_type);
    return told ? [framed("executions", "update", [execution], stream)] : [];
  }
}

function framed(channel: string, type: "snapshot" | "update", data: readonly unknown[], stream: Stream): unknown {
  stream.sequence += 1;
  return { channel, type, data, sequence: stream.sequence };
}

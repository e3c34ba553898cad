import ccxt from "ccxt";
import { isRecord } from "#server/execution/executors/ccxt/wire-value.ts";

/**
 * The library asks the venue once for an address with a token, and keeps both for as long as the instance lives: after a day the
 * token is refused for good. It also lets the venue set how often to ping, which at 18 s notices a dead socket after a minute.
 * Here every connection asks anew, and pings as often as all our streams do.
 */
export class KucoinStreams extends ccxt.pro.kucoin {
  /** The query (with its token) of the connection of each kind. */
  readonly #open = new Map<string, string>();

  override async negotiateHelper(privateChannel: unknown, connectId: string, params = {}): Promise<string | undefined> {
    const address = await super.negotiateHelper(privateChannel, connectId, params);
    if (address === undefined) return undefined;
    const keepAlive: unknown = this.streaming["keepAlive"];
    if (typeof keepAlive === "number") this.client(address).keepAlive = keepAlive;
    this.#open.set(connectId, queryOf(address));
    return address;
  }

  override onError(client: { readonly url: string }, error: unknown): void {
    this.#forget(client.url);
    super.onError(client, error);
  }

  override onClose(client: { readonly url: string }, error: unknown): void {
    this.#forget(client.url);
    super.onClose(client, error);
  }

  /** Only its own address: the end of an older connection must not cost a newer one its token. */
  #forget(address: string): void {
    const known: unknown = this.options["urls"];
    for (const [connectId, query] of this.#open) {
      if (query !== queryOf(address)) continue;
      this.#open.delete(connectId);
      if (isRecord(known)) Reflect.deleteProperty(known, connectId);
    }
  }
}

/** The origin may have been changed on the way; the token is in the query. */
function queryOf(address: string): string {
  return address.slice(address.indexOf("?") + 1);
}

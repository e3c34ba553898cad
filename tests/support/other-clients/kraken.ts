import KrakenClient from "kraken-api";
import { z } from "zod";
import type { OtherClient } from "#tests/support/other-clients/client.ts";

// The package brings no types; what it answers is checked here instead.
const placed = z.object({ result: z.object({ txid: z.array(z.string()).length(1) }) });
const queried = z.object({
  result: z.record(z.string(), z.object({ status: z.string(), vol: z.string(), descr: z.object({ price: z.string() }) })),
});
const canceled = z.object({ result: z.object({ count: z.literal(1) }) });

export const krakenClient: OtherClient = {
  name: "kraken-api",
  venue: "kraken",
  symbol: "BTC/USD",
  connect: (origin, { apiKey, secret }) => {
    const client = new KrakenClient(apiKey, secret, { url: origin });
    return {
      place: async (quantity, limitPrice) => {
        const terms = { pair: "XXBTZUSD", type: "buy", ordertype: "limit", volume: quantity, price: limitPrice };
        const [txid] = placed.parse(await client.api("AddOrder", terms)).result.txid;
        return String(txid);
      },
      query: async (venueOrderId) => {
        const { result } = queried.parse(await client.api("QueryOrders", { txid: venueOrderId }));
        const order = result[venueOrderId];
        if (order === undefined) throw new Error(`kraken does not list ${venueOrderId}`);
        return { venueOrderId, open: order.status === "open", quantity: order.vol, limitPrice: order.descr.price };
      },
      cancel: async (venueOrderId) => {
        canceled.parse(await client.api("CancelOrder", { txid: venueOrderId }));
      },
    };
  },
};

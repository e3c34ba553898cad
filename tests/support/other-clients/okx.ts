import { RestClient } from "okx-api";
import type { OtherClient } from "#tests/support/other-clients/client.ts";

const instId = "BTC-USDT";

function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined || rows.length !== 1) throw new Error(`${rows.length} rows instead of one`);
  return row;
}

export const okxClient: OtherClient = {
  name: "okx-api",
  venue: "okx",
  symbol: "BTC/USDT",
  connect: (origin, { apiKey, secret, passphrase = "" }) => {
    const client = new RestClient({ apiKey, apiSecret: secret, apiPass: passphrase, baseUrl: origin });
    return {
      place: async (quantity, limitPrice) => {
        const terms = { side: "buy", ordType: "limit", tdMode: "cash", sz: quantity, px: limitPrice } as const;
        return only(await client.submitOrder({ instId, ...terms })).ordId;
      },
      query: async (venueOrderId) => {
        const order = only(await client.getOrderDetails({ instId, ordId: venueOrderId }));
        return { venueOrderId: order.ordId, open: order.state === "live", quantity: order.sz, limitPrice: order.px };
      },
      cancel: async (venueOrderId) => {
        only(await client.cancelOrder({ instId, ordId: venueOrderId }));
      },
    };
  },
};

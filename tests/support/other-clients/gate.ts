import { RestClient } from "gateio-api";
import type { OtherClient } from "#tests/support/other-clients/client.ts";

const pair = { currency_pair: "BTC_USDT" } as const;

export const gateClient: OtherClient = {
  name: "gateio-api",
  venue: "gate",
  symbol: "BTC/USDT",
  connect: (origin, { apiKey, secret }) => {
    const client = new RestClient({ apiKey, apiSecret: secret, baseUrl: `${origin}/api/v4` });
    return {
      place: async (quantity, limitPrice) => {
        const terms = { side: "buy", type: "limit", time_in_force: "gtc", amount: quantity, price: limitPrice } as const;
        const { id } = await client.submitSpotOrder({ ...pair, ...terms });
        if (id === undefined) throw new Error("gate answers no id");
        return id;
      },
      query: async (venueOrderId) => {
        const order = await client.getSpotOrder({ ...pair, order_id: venueOrderId });
        return {
          venueOrderId: order.id ?? "none",
          open: order.status === "open",
          quantity: order.amount,
          limitPrice: order.price ?? "none",
        };
      },
      cancel: async (venueOrderId) => {
        await client.cancelSpotOrder({ ...pair, order_id: venueOrderId });
      },
    };
  },
};

import { RestClientV5 } from "bybit-api";
import type { OtherClient } from "#tests/support/other-clients/client.ts";

const market = { category: "spot", symbol: "BTCUSDT" } as const;

/** The package hands refusals on as answers: whoever calls it looks at `retCode`. */
function accepted<T>({ retCode, retMsg, result }: { readonly retCode: number; readonly retMsg: string; readonly result: T }): T {
  if (retCode !== 0) throw new Error(`${retCode}: ${retMsg}`);
  return result;
}

export const bybitClient: OtherClient = {
  name: "bybit-api",
  venue: "bybit",
  symbol: "BTC/USDT",
  connect: (origin, { apiKey, secret }) => {
    const client = new RestClientV5({ key: apiKey, secret, baseUrl: origin });
    return {
      place: async (quantity, limitPrice) => {
        const terms = { side: "Buy", orderType: "Limit", timeInForce: "GTC", qty: quantity, price: limitPrice } as const;
        return accepted(await client.submitOrder({ ...market, ...terms })).orderId;
      },
      query: async (venueOrderId) => {
        const { list } = accepted(await client.getActiveOrders({ ...market, orderId: venueOrderId }));
        const [order] = list;
        if (order === undefined) throw new Error(`bybit does not list ${venueOrderId}`);
        return {
          venueOrderId: order.orderId,
          open: order.orderStatus === "New",
          quantity: order.qty,
          limitPrice: order.price,
        };
      },
      cancel: async (venueOrderId) => {
        accepted(await client.cancelOrder({ ...market, orderId: venueOrderId }));
      },
    };
  },
};

import { trading } from "@alpacahq/alpaca-trade-api";
import type { OtherClient } from "#tests/support/other-clients/client.ts";

/** What an order may still be while it is open. */
const OPEN = new Set(["pending_new", "accepted", "new", "partially_filled"]);

export const alpacaClient: OtherClient = {
  name: "@alpacahq/alpaca-trade-api",
  venue: "alpaca",
  symbol: "BTC/USD",
  connect: (origin, { apiKey, secret }) => {
    const orders = new trading.OrdersApi(new trading.Configuration({ keyId: apiKey, secret, basePath: origin }));
    return {
      place: async (quantity, limitPrice) => {
        const placed = await orders.postOrder({
          postOrderRequest: {
            symbol: "BTC/USD",
            side: "buy",
            type: "limit",
            timeInForce: "gtc",
            qty: quantity,
            limitPrice,
          },
        });
        return String(placed.id);
      },
      query: async (venueOrderId) => {
        const order = await orders.getOrderByOrderID({ orderId: venueOrderId });
        return {
          venueOrderId: String(order.id),
          open: OPEN.has(String(order.status)),
          quantity: String(order.qty),
          limitPrice: String(order.limitPrice),
        };
      },
      cancel: async (venueOrderId) => {
        await orders.deleteOrderByOrderID({ orderId: venueOrderId });
      },
    };
  },
};

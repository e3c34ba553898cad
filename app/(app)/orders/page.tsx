import type { Metadata } from "next";
import { OrdersScreen } from "./_components/orders-screen.tsx";

export const metadata: Metadata = { title: "Orders" };

export default function OrdersPage() {
  return <OrdersScreen />;
}

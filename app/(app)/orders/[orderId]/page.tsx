import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { OrderScreen } from "./_components/order-screen.tsx";
import { uuid } from "#lib/contracts/scalars.ts";

export const metadata: Metadata = { title: "Order" };

export default async function OrderPage({ params }: PageProps<"/orders/[orderId]">) {
  const { orderId } = await params;
  if (!uuid.safeParse(orderId).success) notFound();
  return <OrderScreen orderId={orderId} />;
}

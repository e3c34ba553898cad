import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { TwapScreen } from "./_components/twap-screen.tsx";
import { uuid } from "#lib/contracts/scalars.ts";

export const metadata: Metadata = { title: "Order over time" };

export default async function TwapPage({ params }: PageProps<"/orders/twaps/[twapId]">) {
  const { twapId } = await params;
  if (!uuid.safeParse(twapId).success) notFound();
  return <TwapScreen twapId={twapId} />;
}

import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RunScreen } from "./_components/run-screen.tsx";
import { uuid } from "#lib/contracts/scalars.ts";

export const metadata: Metadata = { title: "Comparison" };

export default async function RunPage({ params }: PageProps<"/venues/[venueAccountId]/runs/[reconciliationId]">) {
  const { venueAccountId, reconciliationId } = await params;
  if (!uuid.safeParse(venueAccountId).success || !uuid.safeParse(reconciliationId).success) notFound();
  return <RunScreen venueAccountId={venueAccountId} reconciliationId={reconciliationId} />;
}

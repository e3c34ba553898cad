import { connection } from "next/server";
import type { ReactNode } from "react";
import { AppShell } from "#components/shell/app-shell.tsx";
import { readRealtimeConfig } from "#lib/realtime/read-config.ts";

export default async function AppLayout({ children }: { children: ReactNode }) {
  // The environment belongs to the process that runs, not to the one that built.
  await connection();
  return <AppShell realtime={readRealtimeConfig(process.env)}>{children}</AppShell>;
}

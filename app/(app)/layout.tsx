import type { ReactNode } from "react";
import { AppShell } from "#components/shell/app-shell.tsx";

/** Whoever is signed out never gets here: `proxy.ts` sends them to the sign-in page, and every call checks the session again. */
export default function AppLayout({ children }: { children: ReactNode }) {
  return <AppShell>{children}</AppShell>;
}

import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { AppShell } from "#components/shell/app-shell.tsx";

/** By either name, see the session reader. Having one proves nothing: every call checks it. */
const SESSION_COOKIES = ["__Host-nija.session", "nija.session"];

export default async function AppLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  // Spares whoever is plainly signed out the sight of an empty screen.
  if (!SESSION_COOKIES.some((name) => jar.has(name))) redirect("/sign-in");
  return <AppShell>{children}</AppShell>;
}

import type { ReactNode } from "react";
import { DataProvider } from "#components/data/trpc.tsx";
import { Logo } from "#components/shell/logo.tsx";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <DataProvider>
      <div className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
        <Logo className="mb-8 text-lg" />
        <main className="w-full max-w-100 rounded-md border border-line bg-surface p-6 md:p-8">{children}</main>
        <p className="mt-6 max-w-100 text-balance text-center text-xs text-muted">
          Exchange keys are sealed on arrival. The web server cannot open them.
        </p>
      </div>
    </DataProvider>
  );
}

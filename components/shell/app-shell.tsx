"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { Toaster } from "sonner";
import { DataProvider } from "#components/data/trpc.tsx";
import { RealtimeProvider } from "#components/data/realtime.tsx";
import { useWorkspace, WorkspaceProvider } from "#components/data/workspace.tsx";
import { Announcer } from "#components/shell/announcer.tsx";
import { ConnectionIndicator, OfflineBar } from "#components/shell/connection.tsx";
import { Mark } from "#components/shell/logo.tsx";
import { ModeBadge, ModeBanner } from "#components/shell/mode.tsx";
import { BottomTabs, SideRail } from "#components/shell/navigation.tsx";
import { TradingControl } from "#components/shell/trading-control.tsx";
import { useTheme } from "#components/shell/use-theme.ts";
import { UserMenu } from "#components/shell/user-menu.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";

/** Everything around the signed-in pages: data, realtime, navigation, header. */
export function AppShell({ children }: { children: ReactNode }) {
  const { theme } = useTheme();
  return (
    <DataProvider>
      <WorkspaceProvider fallback={<Frame header={<Skeleton className="h-5 w-40" />} />}>
        <Announcer>
          <RealtimeProvider>
            <Frame header={<Header />} banner={<Banners />}>
              {children}
            </Frame>
          </RealtimeProvider>
        </Announcer>
      </WorkspaceProvider>
      <Toaster
        theme={theme}
        position="top-center"
        offset={{ top: 96 }}
        mobileOffset={{ top: 96 }}
        toastOptions={{ className: "font-sans" }}
      />
    </DataProvider>
  );
}

function Banners() {
  return (
    <>
      <ModeBanner />
      <OfflineBar />
    </>
  );
}

function Header() {
  const { workspace } = useWorkspace();
  return (
    <>
      <span className="truncate text-sm font-semibold">{workspace.name}</span>
      <ModeBadge />
      <span className="flex-1" />
      <ConnectionIndicator />
      <TradingControl />
      <UserMenu />
    </>
  );
}

function Frame({ header, banner, children }: { header: ReactNode; banner?: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:left-3 focus:top-3 focus:z-50 focus:rounded-md focus:bg-accent focus:px-4 focus:py-3 focus:text-on-accent"
      >
        Skip to content
      </a>
      <SideRail />
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="sticky top-0 z-20 bg-ground">
          {banner ?? <div className="h-7" />}
          <header className="flex h-14 items-center gap-2.5 border-b border-line px-4 md:px-6">
            <Link
              href="/dashboard"
              aria-label="Nija, dashboard"
              className="-ml-2 grid size-11 shrink-0 place-items-center md:hidden"
            >
              <Mark />
            </Link>
            {header}
          </header>
        </div>
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-6xl flex-1 px-4 pb-28 pt-5 outline-none md:px-6 md:pb-12"
        >
          {children}
        </main>
      </div>
      <BottomTabs />
    </div>
  );
}

"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { Logo } from "#components/shell/logo.tsx";
import { NAV_ITEMS } from "#components/shell/nav-items.ts";
import { cn } from "#lib/format/class-names.ts";

function useIsCurrent(): (href: string) => boolean {
  const path = usePathname();
  return (href) => path === href || path.startsWith(`${href}/`);
}

/** Desktop: a rail on the left. */
export function SideRail() {
  const isCurrent = useIsCurrent();
  return (
    <nav aria-label="Main" className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col border-r border-line px-3 py-4 md:flex">
      <Link href="/dashboard" className="mb-6 flex h-10 items-center rounded-md px-3" aria-label="Nija, dashboard">
        <Logo />
      </Link>
      <ul className="flex flex-col gap-1">
        {NAV_ITEMS.map(({ href, label, icon: Icon }) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={isCurrent(href) ? "page" : undefined}
              className={cn(
                "flex h-11 items-center gap-3 rounded-md px-3 text-sm font-medium text-muted transition-colors duration-150",
                "hover:bg-hover hover:text-text aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-text",
              )}
            >
              <Icon aria-hidden className="size-[18px]" strokeWidth={1.75} />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Phone: tabs at the bottom, within reach of a thumb. */
export function BottomTabs() {
  const isCurrent = useIsCurrent();
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-ground pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="grid grid-cols-5">
        {NAV_ITEMS.map(({ href, label, icon: Icon }) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={isCurrent(href) ? "page" : undefined}
              className="flex h-16 flex-col items-center justify-center gap-1 text-xs font-medium text-muted aria-[current=page]:text-accent-text"
            >
              <Icon aria-hidden className="size-[22px]" strokeWidth={1.75} />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

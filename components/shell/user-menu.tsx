"use client";

import { LogOut, Moon, Sun, UserRound } from "lucide-react";
import { signOut } from "next-auth/react";
import { DropdownMenu } from "radix-ui";
import { useWorkspace } from "#components/data/workspace.tsx";
import { useTheme } from "#components/shell/use-theme.ts";
import { Button } from "#components/ui/button.tsx";

const ITEM =
  "flex h-11 w-full cursor-pointer items-center gap-3 rounded-sm px-3 text-sm outline-none data-[highlighted]:bg-hover md:h-10";

/** Who is signed in, the theme, and the way out. */
export function UserMenu() {
  const { session } = useWorkspace();
  const { theme, toggle } = useTheme();
  const Icon = theme === "dark" ? Sun : Moon;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button variant="quiet" size="icon" aria-label="Account menu">
          <UserRound aria-hidden className="size-5" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="fade-in z-50 w-64 rounded-md border border-line bg-raised p-1.5 shadow-lg"
        >
          <div className="px-3 py-2">
            <p className="truncate text-sm font-semibold">{session.name}</p>
            <p className="truncate text-xs text-muted">{session.email}</p>
          </div>
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={toggle}>
            <Icon aria-hidden className="size-4 text-muted" />
            {theme === "dark" ? "Light theme" : "Dark theme"}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => void signOut({ callbackUrl: "/sign-in" })}>
            <LogOut aria-hidden className="size-4 text-muted" />
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

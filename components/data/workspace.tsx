"use client";

import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use } from "react";
import { useTRPC } from "#components/data/trpc.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";
import type { SessionDto } from "#lib/contracts/account.ts";

export type WorkspaceSummary = SessionDto["workspaces"][number];

interface WorkspaceContextValue {
  readonly session: SessionDto;
  readonly workspace: WorkspaceSummary;
}

const WorkspaceContext = createContext<WorkspaceContextValue | null>(null);

/** Who is signed in and the workspace shown. Throws outside of `WorkspaceProvider`. */
export function useWorkspace(): WorkspaceContextValue {
  const value = use(WorkspaceContext);
  if (value === null) throw new Error("useWorkspace needs WorkspaceProvider above it");
  return value;
}

interface WorkspaceProviderProps {
  readonly fallback: ReactNode;
  readonly children: ReactNode;
}

/** Reads the session once; below it a workspace is always there. */
export function WorkspaceProvider({ fallback, children }: WorkspaceProviderProps) {
  const trpc = useTRPC();
  const query = useQuery(trpc.user.session.queryOptions(undefined, { staleTime: 60_000 }));
  if (query.data !== undefined) {
    const workspace = query.data.workspaces[0];
    if (workspace === undefined) {
      return (
        <EmptyState
          title="No workspace"
          text="Your account belongs to no workspace. Ask whoever invited you."
          className="min-h-dvh"
        />
      );
    }
    return <WorkspaceContext value={{ session: query.data, workspace }}>{children}</WorkspaceContext>;
  }
  if (query.isError)
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} className="grid min-h-dvh place-items-center" />;
  return fallback;
}

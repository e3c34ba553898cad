"use client";

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import { readAppError } from "#lib/errors/app-error.ts";
import { type AppRouter, createApiClient } from "#lib/trpc-client.ts";

const trpcContext = createTRPCContext<AppRouter>();
export const { useTRPC, useTRPCClient } = trpcContext;

const RETRIES_MAX = 2;

/** Leaves for the sign-in page once the session is over, and comes back to the same screen afterwards. */
function goToSignIn(): void {
  if (window.location.pathname.startsWith("/sign-")) return;
  const back = encodeURIComponent(window.location.pathname + window.location.search);
  window.location.assign(`/sign-in?next=${back}`);
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (readAppError(error).code === "AUTH_REQUIRED") goToSignIn();
      },
    }),
    defaultOptions: {
      // INVARIANT: nothing that trades is queued. Without this a cancel asked for offline would wait and go out whenever the
      // network comes back.
      mutations: { networkMode: "always" },
      queries: {
        staleTime: 10_000,
        // A refusal stays a refusal; only a call without an answer is worth repeating.
        retry: (failures, error) => failures < RETRIES_MAX && readAppError(error).code === "NETWORK",
      },
    },
  });
}

/** The query cache and the API of one browser tab. */
export function DataProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const [trpcClient] = useState(createApiClient);
  return (
    <QueryClientProvider client={queryClient}>
      <trpcContext.TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </trpcContext.TRPCProvider>
    </QueryClientProvider>
  );
}

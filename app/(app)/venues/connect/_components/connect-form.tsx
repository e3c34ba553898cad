"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { v7 as uuidV7 } from "uuid";
import { CredentialInputs } from "./credential-inputs.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { TextField } from "#components/ui/field.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { connectVenueInput } from "#lib/contracts/account.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { KEY_STEPS, PAPER_KEY_STEPS, type VenueId, VENUE_IDS, venueName } from "#lib/sentences/venues.ts";

const VENUE_OPTIONS = VENUE_IDS.map((venue) => ({ value: venue, label: venueName(venue) }));
const MODE_OPTIONS = [
  { value: "PAPER", label: "Paper" },
  { value: "LIVE", label: "Live" },
] as const;

const REQUIRED = "Fill this in.";

/** Three steps on one page: how to make the key, what it is, and what happens with it. */
export function ConnectForm() {
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const [venue, setVenue] = useState<VenueId>("binance");
  const [mode, setMode] = useState<"PAPER" | "LIVE">("PAPER");
  // One id per form: sending twice connects once.
  const [venueAccountId] = useState(() => uuidV7());
  const [fieldErrors, setFieldErrors] = useState<Readonly<Record<string, string>>>({});
  const connect = useMutation(
    trpc.venue.connect.mutationOptions({
      // The variables hold the secret; nothing keeps them after the call.
      gcTime: 0,
      onSuccess: () => {
        toast.success(`${venueName(venue)} connected`, { description: "The key is being checked at the venue." });
        void queryClient.invalidateQueries({ queryKey: trpc.venue.list.pathKey() });
        router.push("/venues");
      },
    }),
  );

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "");
    const input = connectVenueInput.safeParse({
      workspaceId: workspace.id,
      venueAccountId,
      venue,
      mode,
      label: text("label"),
      apiKey: text("apiKey"),
      secret: text("secret"),
      password: form.has("password") ? text("password") : null,
    });
    if (input.success) {
      setFieldErrors({});
      connect.mutate(input.data);
      return;
    }
    setFieldErrors(Object.fromEntries(input.error.issues.map((issue) => [String(issue.path[0]), REQUIRED])));
  }

  return (
    <form onSubmit={submit} method="post" noValidate autoComplete="off" className="flex flex-col gap-4">
      <Card title="1. Where" bodyClassName="flex flex-col gap-4">
        <Segmented label="Venue" value={venue} onValueChange={setVenue} options={VENUE_OPTIONS} />
        <Segmented label="Mode" value={mode} onValueChange={setMode} options={MODE_OPTIONS} />
        {mode === "LIVE" ? (
          <Notice tone={workspace.liveEnabled ? "warn" : "bad"}>
            {workspace.liveEnabled
              ? "Orders of this account move real money."
              : "Live trading is not switched on for this workspace. Connect a paper account first."}
          </Notice>
        ) : (
          <Notice tone="info">A paper account speaks to the simulated {venueName(venue)}. No real money moves.</Notice>
        )}
      </Card>
      <Card title={mode === "PAPER" ? "2. Take a key of the simulator" : "2. Make a key that can trade and nothing else"}>
        <ol className="flex list-decimal flex-col gap-2 pl-5 text-sm text-muted marker:text-text">
          {(mode === "PAPER" ? PAPER_KEY_STEPS : KEY_STEPS[venue]).map((step) => (
            <li key={step} className="pl-1">
              {step}
            </li>
          ))}
        </ol>
      </Card>
      <Card title="3. Enter it" bodyClassName="flex flex-col gap-4">
        <TextField
          label="Name"
          name="label"
          defaultValue="Main"
          maxLength={60}
          hint="How you tell your accounts apart."
          error={fieldErrors["label"] ?? null}
        />
        <CredentialInputs key={venue} venue={venue} errors={fieldErrors} />
        {connect.isError ? (
          <Notice tone="bad" role="alert">
            {readAppError(connect.error).sentence}
          </Notice>
        ) : null}
        <p className="text-xs text-muted">
          The key is sealed the moment it arrives. Nobody, including this website, can show it again; only the trading worker can
          use it.
        </p>
        <Button type="submit" variant="primary" size="lg" busy={connect.isPending} disabled={workspace.role !== "OWNER"}>
          Connect
        </Button>
        {workspace.role === "OWNER" ? null : <p className="text-center text-xs text-muted">Only an owner can connect a venue.</p>}
      </Card>
    </form>
  );
}

"use client";

import { FlaskConical, Octagon, Radio, TriangleAlert } from "lucide-react";
import { useWorkspace, type WorkspaceSummary } from "#components/data/workspace.tsx";
import { Badge } from "#components/ui/badge.tsx";

type Mode = "PAPER" | "LIVE" | "REDUCING" | "HALTED";

function modeOf(workspace: WorkspaceSummary): Mode {
  if (workspace.tradingState !== "ACTIVE") return workspace.tradingState;
  return workspace.liveEnabled ? "LIVE" : "PAPER";
}

const BADGES = {
  PAPER: { tone: "accent", icon: FlaskConical, label: "Paper" },
  LIVE: { tone: "good", icon: Radio, label: "Live" },
  REDUCING: { tone: "warn", icon: TriangleAlert, label: "Exits only" },
  HALTED: { tone: "bad", icon: Octagon, label: "Halted" },
} as const;

/** What orders of this workspace do: nothing real, something real, or nothing at all. */
export function ModeBadge() {
  const { tone, icon: Icon, label } = BADGES[modeOf(useWorkspace().workspace)];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden className="size-3.5" />
      {label}
    </Badge>
  );
}

/** Always there in simulation and whenever trading is held back; nobody can close it. */
export function ModeBanner() {
  const { workspace } = useWorkspace();
  const mode = modeOf(workspace);
  if (mode === "HALTED") {
    return <Banner tone="bad" text="Trading is halted. Open orders can be canceled, nothing else is sent." />;
  }
  if (mode === "REDUCING")
    return <Banner tone="warn" text="Only exits are possible at the moment: positions can be closed, not opened." />;
  if (workspace.liveEnabled) return null;
  return <Banner tone="accent" text="Simulation: paper venues, no real money moves." />;
}

const BANNER_TONES = {
  accent: "bg-accent-soft text-accent-text",
  warn: "bg-warn-soft text-warn",
  bad: "bg-loss-soft text-loss",
} as const;

function Banner({ tone, text }: { tone: keyof typeof BANNER_TONES; text: string }) {
  return (
    <div role="note" aria-label="Trading mode" className={`px-4 py-1.5 text-center text-xs font-medium ${BANNER_TONES[tone]}`}>
      {text}
    </div>
  );
}

import { describe, expect, it } from "vitest";
import {
  isLoosening,
  statesToObey,
  type SwitchSet,
  TRADING_STATES,
  type TradingState,
} from "#server/domain/risk/trading-state.ts";

const SCOPES = ["platform", "venue", "workspace"] as const;

function switches(states: Record<(typeof SCOPES)[number], TradingState>): SwitchSet {
  return {
    platform: { state: states.platform, changeId: "of-platform" },
    venue: { state: states.venue, changeId: "of-venue" },
    workspace: { state: states.workspace, changeId: "of-workspace" },
  };
}

const HALTED = switches({ platform: "HALTED", venue: "HALTED", workspace: "HALTED" });

describe("a halt", () => {
  it("is obeyed by every order that no kill switch made, and by those of a switch that is not in force any more", () => {
    const all = { platform: "HALTED", venue: "HALTED", workspace: "HALTED" };
    expect(statesToObey(HALTED, null)).toEqual(all);
    expect(statesToObey(HALTED, "an older change")).toEqual(all);
  });

  it("is passed by the exits of the switch that set it and by those of wider ones, never by those of narrower ones", () => {
    expect(statesToObey(HALTED, "of-platform")).toEqual({ platform: "REDUCING", venue: "REDUCING", workspace: "REDUCING" });
    expect(statesToObey(HALTED, "of-venue")).toEqual({ platform: "HALTED", venue: "REDUCING", workspace: "REDUCING" });
    expect(statesToObey(HALTED, "of-workspace")).toEqual({ platform: "HALTED", venue: "HALTED", workspace: "REDUCING" });
  });

  it("is the only state that a kill switch changes anything about", () => {
    for (const state of ["ACTIVE", "REDUCING"] as const) {
      const states = { platform: state, venue: state, workspace: state };
      for (const scope of SCOPES) expect(statesToObey(switches(states), `of-${scope}`)).toEqual(states);
    }
  });
});

it("loosening is every way back towards active, and no way to the same or a stricter state", () => {
  const loose = TRADING_STATES.flatMap((from) =>
    TRADING_STATES.filter((to) => isLoosening(from, to)).map((to) => `${from}>${to}`),
  );
  expect(loose).toEqual(["REDUCING>ACTIVE", "HALTED>ACTIVE", "HALTED>REDUCING"]);
});

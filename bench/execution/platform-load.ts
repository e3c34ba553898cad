import { setTimeout as sleep } from "node:timers/promises";
import { epochMs } from "./load.ts";
import type { PlannedOrder } from "./order-mix.ts";
import type { PlatformSide } from "./platform-side.ts";
import { PLAN } from "./plan.ts";

const DRAIN_MS = 30_000;
const LOOK_EVERY_MS = 10;

interface Keeping {
  /** Orders that are kept open. */
  readonly inFlight: number;
  readonly untilMs?: number;
  readonly ordersMax?: number;
}

/** Keeps so many orders open at once, until either bound; answers how many were accepted. They may still be open then. */
export async function placeSome(platform: PlatformSide, mix: () => PlannedOrder, keeping: Keeping): Promise<number> {
  const { inFlight, untilMs = Infinity, ordersMax = Infinity } = keeping;
  let [placing, asked, accepted] = [0, 0, 0];
  const place = async (): Promise<void> => {
    if ((await platform.place(mix(), epochMs())).kind === "accepted") accepted += 1;
    placing -= 1;
  };
  while (epochMs() < untilMs && asked < ordersMax) {
    const missing = Math.min(inFlight - (await platform.countOpen()) - placing, ordersMax - asked);
    for (let at = 0; at < missing; at += 1) {
      [placing, asked] = [placing + 1, asked + 1];
      void place();
    }
    await sleep(LOOK_EVERY_MS);
  }
  while (placing > 0) await sleep(LOOK_EVERY_MS);
  return accepted;
}

/** Every workspace's connection is opened, every statement prepared, every hot function compiled. */
export async function warmPlatform(platform: PlatformSide, mix: () => PlannedOrder): Promise<void> {
  const ordersMax = Math.ceil(1.2 * platform.workspaces) + PLAN.fullInFlight;
  await placeSome(platform, mix, { inFlight: PLAN.fullInFlight, ordersMax });
  await platform.drain(DRAIN_MS);
}

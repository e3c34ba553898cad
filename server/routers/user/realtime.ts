import type { RealtimeDto } from "#lib/contracts/read.ts";
import { userProcedure } from "#server/trpc.ts";

export const realtime = userProcedure.query(({ ctx }): RealtimeDto => ctx.deps.realtime);

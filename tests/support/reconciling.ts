import { asVenueAccountId } from "#server/domain/ids.ts";
import { requestReconcile } from "#server/execution/request-work.ts";
import { eventually } from "./eventually.ts";
import type { FaultAccount, FaultPlatform, Row } from "./fault-platform.ts";

/** Reports of the comparisons that somebody asked for, oldest first. Each has a row of its own. */
async function reportsByHand({ query }: FaultPlatform, { venueAccountId }: FaultAccount): Promise<Row[]> {
  const rows = await query(
    "select report from reconciliations where venue_account_id = $1 and reason = 'BY_HAND' and outcome <> 'UNAVAILABLE' order by at",
    [venueAccountId],
  );
  return rows.map((row) => row["report"] as Row);
}

/** Has the account compared with its venue once more, from the start; answers the report. */
export async function reconcileByHand(platform: FaultPlatform, account: FaultAccount): Promise<Row> {
  const before = (await reportsByHand(platform, account)).length;
  const lane = { workspaceId: account.actor.workspaceId, venueAccountId: asVenueAccountId(account.venueAccountId) };
  await platform.web.workspace(lane.workspaceId, (tx) => requestReconcile(tx, lane, null, "BY_HAND"));
  const after = await eventually(
    async () => {
      const all = await reportsByHand(platform, account);
      return all.length > before ? all : null;
    },
    { what: "a reconciliation" },
  );
  return after.at(-1) ?? {};
}

/** The account's rows of what came and went other than by our trades, oldest first. */
export async function movementsOf({ query }: FaultPlatform, { venueAccountId }: FaultAccount): Promise<Row[]> {
  return query(
    `select kind, asset, trim_scale(amount)::text as amount, reference, detail from movements
     where venue_account_id = $1 order by found_at, kind, asset`,
    [venueAccountId],
  );
}

import { statement, type Tx } from "#server/data/tx.ts";

const CHOOSE = statement(
  "dead-man.choose",
  `insert into dead_man_switches (venue_account_id, workspace_id, seconds, chosen_by, chosen_at)
   values ($2::uuid, $1::uuid, $3::int, $4::uuid, $5)
   on conflict (venue_account_id) do update set seconds = excluded.seconds, chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at`,
);

export interface DeadManChoice {
  readonly workspaceId: string;
  readonly venueAccountId: string;
  /** Null: not wanted. */
  readonly seconds: number | null;
  readonly chosenBy: string;
  readonly chosenAt: Date;
}

/** What the owner wants of an account's dead man's switch, from now on. */
export function chooseDeadMan(tx: Tx, choice: DeadManChoice): void {
  const { workspaceId, venueAccountId, seconds, chosenBy, chosenAt } = choice;
  tx.send(CHOOSE, [workspaceId, venueAccountId, seconds, chosenBy, chosenAt]);
}

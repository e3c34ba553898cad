import type { Decimal } from "#server/domain/decimal.ts";
import { AccountBalances } from "#simulator/engine/balances.ts";
import { type FundsMove, moveFunds } from "#simulator/engine/move-funds.ts";
import { type AccountState, addTo, type MovementRecord, type VenueState } from "#simulator/engine/state.ts";
import type { SimAccount } from "#simulator/engine/types.ts";

/** Runs a change and what it sets off, and hands out its events. */
export type Change = <T>(run: () => T) => T;

/** How accounts and their funds come to a venue. `added` and `moved` hear of it before the change is handed out. */
export function accountControls(
  state: VenueState,
  change: Change,
  added: (account: AccountState) => void,
  moved: (movement: MovementRecord) => void,
) {
  return {
    addAccount(account: SimAccount, balances: ReadonlyMap<string, Decimal> = new Map()): void {
      if (account.venue !== state.venue) throw new Error(`account ${account.id} is of ${account.venue}, not ${state.venue}`);
      if (state.accounts.has(account.id) || state.accountsByKey.has(account.apiKey)) {
        throw new Error(`account ${account.id} or its key is already there`);
      }
      const fresh = { orders: [], open: new Map(), byClientId: new Map(), fills: [], movements: [] };
      const created: AccountState = { account, balances: new AccountBalances(), ...fresh };
      state.accounts.set(account.id, created);
      state.accountsByKey.set(account.apiKey, created);
      for (const [asset, amount] of balances) {
        created.balances.credit(asset, amount);
        addTo(state.external, asset, amount.neg());
      }
      // What an account starts with is not a change to announce.
      created.balances.takeChanged();
      added(created);
    },
    deposit: (accountId: string, move: FundsMove) =>
      change(() => {
        const record = moveFunds(state, accountId, move);
        if (record !== null) moved(record);
        return record !== null;
      }),
  };
}

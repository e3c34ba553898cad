import type { Decimal } from "#server/domain/decimal.ts";
import { AccountBalances } from "#simulator/engine/balances.ts";
import { emitBalances } from "#simulator/engine/place-order.ts";
import { accountOf } from "#simulator/engine/settle.ts";
import { type AccountState, addTo, type VenueState } from "#simulator/engine/state.ts";
import type { SimAccount } from "#simulator/engine/types.ts";

/** Runs a change and all that has to follow it. */
export type Change = <T>(run: () => T) => T;

/** Opening accounts and moving funds in and out of them. `added` hears of every new account. */
export function accountControls(state: VenueState, change: Change, added: (account: AccountState) => void) {
  return {
    addAccount(account: SimAccount, balances: ReadonlyMap<string, Decimal> = new Map()): void {
      if (account.venue !== state.venue) throw new Error(`account ${account.id} is of ${account.venue}, not ${state.venue}`);
      if (state.accounts.has(account.id) || state.accountsByKey.has(account.apiKey)) {
        throw new Error(`account ${account.id} or its key is already there`);
      }
      const fresh = { orders: [], open: new Map(), byClientId: new Map(), fills: [] };
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
    deposit: (accountId: string, asset: string, amount: Decimal) =>
      change(() => {
        const account = accountOf(state, accountId);
        if (account.balances.free(asset).plus(amount).lt(0)) return false;
        account.balances.credit(asset, amount);
        addTo(state.external, asset, amount.neg());
        emitBalances(state, account);
        return true;
      }),
  };
}

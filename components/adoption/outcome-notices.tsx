import { useIsOnline } from "#components/data/use-is-online.ts";
import { Notice } from "#components/ui/notice.tsx";
import type { ScreenError } from "#lib/errors/app-error.ts";
import { describeAdoptionError } from "#lib/sentences/adoption.ts";

interface OutcomeNoticesProps {
  readonly refused: ScreenError | null;
  readonly isUnknown: boolean;
  readonly base: string;
}

/** What became of the last try, as far as it did not succeed. */
export function OutcomeNotices({ refused, isUnknown, base }: OutcomeNoticesProps) {
  const isOnline = useIsOnline();
  return (
    <>
      {refused === null ? null : (
        <Notice tone="bad" role="alert">
          {describeAdoptionError(refused, base)}
        </Notice>
      )}
      {isUnknown ? (
        <Notice tone="warn" role="alert">
          <strong className="font-semibold">Outcome not known.</strong> No answer has come back. Asking again has no second
          effect: it goes out under the same id.
        </Notice>
      ) : null}
      {isOnline ? null : <Notice tone="warn">You are offline: nothing can be changed now.</Notice>}
    </>
  );
}

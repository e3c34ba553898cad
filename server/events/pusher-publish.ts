import Pusher from "pusher";
import { type Publish, PublishRefused, type PushMessage } from "./publish.ts";

export interface PusherSettings {
  readonly PUSHER_APP_ID: string;
  readonly PUSHER_KEY: string;
  readonly PUSHER_SECRET: string;
  readonly PUSHER_HOST: string;
  readonly PUSHER_PORT: number;
  readonly PUSHER_USE_TLS: boolean;
}

/** Open to everybody: best bids and asks, about once a second. */
const MARKET_CHANNEL = "market";
/** Pusher refuses a message of more than 10 kB; quotes travel in as many messages as that takes. */
const QUOTES_PER_MESSAGE = 40;
const TIMEOUT_MS = 8_000;

/** Sends to any server that speaks Pusher's HTTP API: the embedded one, Soketi, or Pusher itself. */
export function createPusherPublish(settings: PusherSettings): {
  readonly publish: Publish;
  readonly publishQuotes: (quotes: readonly object[]) => Promise<void>;
} {
  const pusher = new Pusher({
    appId: settings.PUSHER_APP_ID,
    key: settings.PUSHER_KEY,
    secret: settings.PUSHER_SECRET,
    host: settings.PUSHER_HOST,
    port: String(settings.PUSHER_PORT),
    useTLS: settings.PUSHER_USE_TLS,
    timeout: TIMEOUT_MS,
  });

  async function send(messages: readonly Pick<PushMessage, "channel" | "name">[], data: readonly unknown[]): Promise<void> {
    const batch = messages.map(({ channel, name }, index) => ({ channel, name, data: data[index] }));
    try {
      await pusher.triggerBatch(batch);
    } catch (cause) {
      // Too large or malformed: sending it again cannot help. Anything else may pass later.
      const status = cause instanceof Pusher.RequestError ? cause.status : undefined;
      if (status === 400 || status === 413) throw new PublishRefused(`the push server answered ${status}`, { cause });
      throw cause;
    }
  }

  return {
    publish: (messages) =>
      send(
        messages,
        messages.map((message) => message.data),
      ),
    async publishQuotes(quotes) {
      for (let from = 0; from < quotes.length; from += QUOTES_PER_MESSAGE) {
        await send([{ channel: MARKET_CHANNEL, name: "quotes" }], [quotes.slice(from, from + QUOTES_PER_MESSAGE)]);
      }
    },
  };
}

import type { RealtimeConfig } from "#lib/realtime/connect.ts";

type Source = Readonly<Record<string, string | undefined>>;

function set(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

/**
 * What a browser needs to listen, from the environment of the web process. Without a public host the browser uses the one its page
 * came from. Nothing secret is read here.
 */
export function readRealtimeConfig(source: Source): RealtimeConfig {
  return {
    key: set(source["PUSHER_KEY"]) ?? "",
    host: set(source["PUSHER_PUBLIC_HOST"]),
    port: Number(set(source["PUSHER_PUBLIC_PORT"]) ?? set(source["PUSHER_PORT"]) ?? "443"),
    useTls: source["PUSHER_USE_TLS"] === "1" || source["PUSHER_USE_TLS"] === "true",
  };
}

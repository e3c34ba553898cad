import { RealtimeError, readRealtimeOptions } from "#realtime/options.ts";
import { startRealtime } from "#realtime/server.ts";

try {
  const server = await startRealtime(readRealtimeOptions(process.env));
  process.stdout.write(`listening on ${server.host}:${server.port}\n`);
  const stop = (): void => {
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
} catch (error) {
  process.stderr.write(
    `${error instanceof RealtimeError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}

import { createServer } from "node:http";
import type { FaultBook } from "#simulator/control/fault-book.ts";
import type { ProtocolFace } from "#simulator/protocols/face.ts";
import { answerRequest } from "#simulator/server/answer-request.ts";
import { listen, stopListening } from "#simulator/server/listen.ts";
import { bridgeSockets } from "#simulator/server/venue-sockets.ts";

const KEEP_ALIVE_MS = 65_000;

/** One paper venue on its own port. */
export interface VenueServer {
  readonly port: number;
  /** While it is out, connections are refused and those that were open are cut. Calls run one after the other. */
  setOutage(out: boolean): Promise<void>;
  closeSockets(path?: string): number;
  close(): Promise<void>;
}

export interface VenueServerOptions {
  readonly face: ProtocolFace;
  readonly faults: FaultBook;
  readonly port: number;
  readonly host: string;
  /** Hears of bugs: a face that throws. The request is answered 500. */
  readonly report: (error: unknown) => void;
}

/** Starts the server of a venue's face. Throws ListenError. */
export async function startVenueServer({
  face,
  faults,
  port: wantedPort,
  host,
  report,
}: VenueServerOptions): Promise<VenueServer> {
  const server = createServer((request, response) => {
    answerRequest(face, faults, request, response).catch((error: unknown) => {
      // A client that hung up in the middle of its request is no bug of ours.
      if (request.destroyed && !request.complete) return;
      report(error);
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end("{}");
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const sockets = bridgeSockets(server, face, faults, report);
  const port = await listen(server, wantedPort, host, `the ${face.venue} simulator`);
  let last: Promise<void> = Promise.resolve();
  const inTurn = (run: () => Promise<void>): Promise<void> => {
    last = last.then(run, run);
    return last;
  };
  const shut = async (): Promise<void> => {
    sockets.close();
    await stopListening(server);
  };
  return {
    port,
    setOutage: (out) =>
      inTurn(async () => {
        if (out) await shut();
        else if (!server.listening) await listen(server, port, host, `the ${face.venue} simulator`);
      }),
    closeSockets: sockets.close,
    close: () => inTurn(shut),
  };
}

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The port is taken or not allowed; its message is one sentence for the person at the terminal. */
export class ListenError extends Error {}

/** Listens and answers the port (of interest when 0 was asked for). Throws ListenError. */
export async function listen(server: Server, port: number, host: string, what: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const reason =
        error.code === "EADDRINUSE"
          ? "is already in use: stop the other program or set NIJA_SIM_PORT_BASE"
          : `cannot be listened on (${error.code ?? error.message})`;
      reject(new ListenError(`Port ${port} for ${what} ${reason}.`, { cause: error }));
    };
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Stops listening and cuts every connection. Resolves at once if the server does not listen. */
export async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

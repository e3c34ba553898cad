import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire between a client and a server that can be cut, refused, silenced, or made to lose one answer. */
export interface TcpProxy {
  readonly port: number;
  /** `url` with this proxy's address in the place of its own. */
  through(url: string): string;
  /** Ends every open connection; new ones are made again. */
  cut(): void;
  /** Ends every open connection and every new one at once. */
  refuse(): void;
  /** Open and new connections stay open and carry nothing any more, in either direction: half-open, as after a lost route. */
  blackHole(): void;
  /**
   * The first COMMIT of a transaction that has carried `text` reaches the server, and its answer never comes back: the connection is
   * cut instead. Answers when that has happened.
   */
  loseCommitOf(text: string): Promise<void>;
  /** How often somebody tried in vain: connections refused and packets swallowed. */
  readonly lost: number;
  /** Everything works again for new connections; silenced ones are cut. */
  heal(): void;
  close(): Promise<void>;
}

type Mode = "open" | "refusing" | "silent";

interface Trap {
  readonly text: string;
  readonly sprung: () => void;
}

/** What is remembered of one connection's open transaction. */
class Transaction {
  #sent = "";

  /** True when these bytes commit a transaction that has carried the text. */
  commits(chunk: Buffer, text: string): boolean {
    this.#sent += chunk.toString("latin1");
    const begin = this.#sent.lastIndexOf("begin;");
    if (begin > 0) this.#sent = this.#sent.slice(begin);
    const commit = this.#sent.lastIndexOf("commit\0");
    if (commit < 0) return false;
    const carried = this.#sent.slice(0, commit).includes(text);
    this.#sent = this.#sent.slice(commit + 1);
    return carried;
  }
}

export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  let mode: Mode = "open";
  let trap: Trap | null = null;
  let lost = 0;

  const listener = createServer((client) => {
    client.on("error", () => undefined);
    if (mode === "refusing") {
      lost += 1;
      client.destroy();
      return;
    }
    const server = connect(Number(target.port), target.hostname);
    server.on("error", () => undefined);
    const pair = { client, server };
    pairs.add(pair);
    const transaction = new Transaction();
    let isDeaf = false;
    let unheard = "";
    client.on("data", (chunk) => {
      if (mode === "silent") {
        lost += 1;
        return;
      }
      if (trap !== null && transaction.commits(chunk, trap.text)) {
        isDeaf = true;
        trap.sprung();
        trap = null;
      }
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      if (mode === "silent") return;
      if (!isDeaf) {
        client.write(chunk);
        return;
      }
      // Statements are pipelined: answers to earlier ones may come first, and only this one says that the server has committed.
      unheard += chunk.toString("latin1");
      if (unheard.includes("COMMIT\0")) client.destroy();
    });
    const end = (): void => {
      if (mode === "silent") return;
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on("close", end);
    server.on("close", end);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;

  function cut(): void {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    pairs.clear();
  }

  return {
    port,
    through(url) {
      const through = new URL(url);
      through.hostname = "127.0.0.1";
      through.port = String(port);
      return through.toString();
    },
    cut,
    refuse() {
      mode = "refusing";
      cut();
    },
    blackHole() {
      mode = "silent";
    },
    loseCommitOf: (text) =>
      new Promise((resolve) => {
        trap = { text, sprung: resolve };
      }),
    get lost() {
      return lost;
    },
    heal() {
      const wasSilent = mode === "silent";
      mode = "open";
      if (wasSilent) cut();
    },
    async close() {
      mode = "open";
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

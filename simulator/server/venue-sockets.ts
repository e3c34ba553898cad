import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { FaultBook } from "#simulator/control/fault-book.ts";
import type { ProtocolFace } from "#simulator/protocols/face.ts";

const FRAME_BYTES_MAX = 1_048_576;
/** A client that does not read is cut before it fills our memory. */
const UNREAD_BYTES_MAX = 16_777_216;

export interface VenueSockets {
  /** Closes the sockets whose path starts so (all without it). Answers how many there were. */
  close(path?: string): number;
}

/**
 * Bridges WebSockets to the face. A frozen socket stays open and is deaf and dumb: no data out, nothing taken in, not even a
 * pong; what it missed is not sent later.
 */
export function bridgeSockets(
  server: Server,
  face: ProtocolFace,
  faults: FaultBook,
  report: (error: unknown) => void,
): VenueSockets {
  const sockets = new Map<WebSocket, string>();
  const upgrader = new WebSocketServer({ noServer: true, autoPong: false, maxPayload: FRAME_BYTES_MAX });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrader.handleUpgrade(request, socket, head, (webSocket) => connect(webSocket, request.url ?? "/"));
  });
  const connect = (webSocket: WebSocket, url: string): void => {
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const frozen = (): boolean => faults.socketFrozen(face.venue, path);
    const open = (): boolean => webSocket.readyState === webSocket.OPEN;
    sockets.set(webSocket, path);
    const sendText = (text: string): void => {
      if (!open() || frozen()) return;
      if (webSocket.bufferedAmount > UNREAD_BYTES_MAX) webSocket.terminate();
      else webSocket.send(text);
    };
    const handler = face.socket({
      path,
      query: mark < 0 ? "" : url.slice(mark + 1),
      send: (message) => {
        if (open() && !frozen()) sendText(JSON.stringify(message));
      },
      sendText,
      close: (code) => webSocket.close(code),
    });
    webSocket.on("message", (data: Buffer) => {
      if (frozen()) return;
      try {
        handler.message(data.toString());
      } catch (error) {
        report(error);
        webSocket.close(1011);
      }
    });
    webSocket.on("ping", (data) => {
      if (open() && !frozen()) webSocket.pong(data);
    });
    // A peer that breaks the protocol is closed by ws itself; "close" follows.
    webSocket.on("error", () => undefined);
    webSocket.on("close", () => {
      sockets.delete(webSocket);
      handler.closed();
    });
  };
  return {
    close: (path) => {
      const doomed = [...sockets].filter(([, socketPath]) => path === undefined || socketPath.startsWith(path));
      for (const [webSocket] of doomed) webSocket.terminate();
      return doomed.length;
    },
  };
}

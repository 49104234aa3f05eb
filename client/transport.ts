/** What the client needs of the platform, so that a test or a program without it can bring its own. */

/** The part of `fetch` that is used. It must heed `init.signal`, as the standard says. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The part of a `WebSocket` that is used. It must report its end with a `close` event, as the standard says. */
export interface SocketLike {
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  send(text: string): void;
  close(): void;
}

/** Opens a WebSocket to a `ws:` or `wss:` address; may throw, which counts as a failed attempt. */
export type SocketConstructor = new (url: string) => SocketLike;

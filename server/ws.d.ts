/**
 * What is used of the WebSocket client that Bun builds in under the name of the package `ws`. No such package is installed:
 * its own types would promise more than the runtime has.
 */
declare module 'ws' {
  /** Options of the client; what is left out here has the package's default. */
  export interface ClientOptions {
    readonly headers?: Readonly<Record<string, string>>;
    readonly followRedirects?: boolean;
    readonly perMessageDeflate?: boolean;
    /** Largest message, its fragments together, bytes; a longer one is an error as soon as it is announced. */
    readonly maxPayload?: number;
    /** How long the other side has to end a connection that either side has closed, ms. */
    readonly closeTimeout?: number;
  }

  /** Answers pings by itself. */
  export class WebSocket {
    /** @throws SyntaxError when the address is none */
    constructor(address: string, options: ClientOptions);
    /** Bytes that were sent and not yet taken by the kernel. */
    readonly bufferedAmount: number;
    send(text: string): void;
    /** Ends it at once, also while it connects; `close` follows. */
    terminate(): void;
    on(event: 'open' | 'ping', run: () => void): this;
    /** @param run a text has been found to be valid UTF-8 */
    on(event: 'message', run: (data: Buffer, isBinary: boolean) => void): this;
    /** `close` follows. */
    on(event: 'error', run: (error: Error & { readonly code?: string }) => void): this;
    on(event: 'close', run: (code: number) => void): this;
    /** The handshake was answered with anything but consent; nothing follows by itself. */
    on(event: 'unexpected-response', run: (request: unknown, response: Refusal) => void): this;
  }

  /** An answer to the handshake that is no consent. */
  export interface Refusal {
    readonly statusCode: number;
    /** Names in lower case; those that may come several times as lists. */
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  }
}

/** Why a WebSocket was closed, and whether it is worth coming back. */

/** The codes the server closes with. */
export const CLOSE = {
  /** The server is going away; come back soon, jittered. */
  goingAway: 1001,
  /** Binary frames are not part of the protocol. */
  unsupportedData: 1003,
  /** Too many or unknown messages. */
  policyViolation: 1008,
  /** A message above the size limit. */
  messageTooBig: 1009,
  /** The server restarts; come back soon, jittered. */
  serviceRestart: 1012,
  /** The server sheds load; come back later. */
  tryAgainLater: 1013,
  /** The client took nothing for too long. */
  slowClient: 4008,
} as const;

/** See {@link CLOSE}. */
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/**
 * Every failure that may leave the server, by its stable name. `rpc` is the JSON-RPC 2.0 error number (§5.1; −32000 to
 * −32099 are ours), `close` the WebSocket close code (RFC 6455 §7.4.2: 4000–4999 are for applications) where the
 * failure ends the connection, `todo` what the receiver can do about it.
 */
export const errors = {
  // The message
  MALFORMED: { rpc: -32700, todo: 'Send one JSON-RPC 2.0 object per text frame.' },
  NOT_A_REQUEST: { rpc: -32600, todo: 'Send jsonrpc "2.0", an integer id, a method and params.' },
  UNKNOWN_METHOD: {
    rpc: -32601,
    todo: 'See the protocol reference for the methods of this version.',
  },
  BAD_REQUEST: { rpc: -32602, todo: 'Correct the named fields; unknown keys are refused.' },
  INTERNAL: { rpc: -32603, todo: 'Try again; if it stays, tell the operator the reference.' },
  // The connection
  UNAUTHENTICATED: { rpc: -32001, close: 4401, todo: 'Fetch a fresh token and connect again.' },
  TOKEN_EXPIRED: {
    rpc: -32002,
    close: 4402,
    todo: 'Sign in again, then connect with the new token.',
  },
  ORIGIN_REFUSED: {
    rpc: -32003,
    close: 4403,
    todo: 'Add this page to the allowed origins of the server.',
  },
  AUTH_TIMEOUT: {
    rpc: -32004,
    close: 4408,
    todo: 'Send the token with the upgrade, then join at once.',
  },
  REPLACED: {
    rpc: -32005,
    close: 4409,
    todo: 'This page was opened again elsewhere; use that one.',
  },
  SLOW_READER: { rpc: -32006, close: 4413, todo: 'Connect again over a faster network.' },
  FRAME_TOO_LARGE: { rpc: -32007, close: 1009, todo: 'Send at most 65536 bytes in one frame.' },
  TOO_MANY_REQUESTS: {
    rpc: -32008,
    close: 4429,
    todo: 'Wait for retryAfterMs, then go on more slowly.',
  },
  TOO_MANY_ERRORS: {
    rpc: -32009,
    close: 4400,
    todo: 'Update the client; it does not speak this protocol.',
  },
  SERVER_STOPPING: { rpc: -32010, close: 4503, todo: 'Connect again in a few seconds.' },
  // The call
  NOT_JOINED: { rpc: -32020, todo: 'Join first.' },
  ALREADY_JOINED: { rpc: -32021, todo: 'Leave first, or open a second connection.' },
  RESUME_FAILED: { rpc: -32022, todo: 'Join again without resume.' },
  ROOM_FULL: { rpc: -32023, close: 4423, todo: 'Wait until someone leaves.' },
  NOT_AUTHORIZED: { rpc: -32024, todo: 'Ask for a token that grants this.' },
  STEP_UP_REQUIRED: {
    rpc: -32025,
    todo: 'Sign in again with a second factor, then renew the token.',
  },
  NOT_FOUND: { rpc: -32026, todo: 'It has ended or never was; look at the newest state.' },
  TOO_MANY: { rpc: -32027, todo: 'Close one of the same kind first.' },
  REMOVED: { rpc: -32028, close: 4410, todo: 'A host ended your part in this call.' },
  MINOR_REFUSED: {
    rpc: -32029,
    close: 4411,
    todo: 'This controller does not hold calls with minors.',
  },
  // Media
  CAPABILITIES_STALE: { rpc: -32040, todo: 'Load the router capabilities again, then join again.' },
  MEDIA_REFUSED: {
    rpc: -32041,
    todo: 'Offer a codec, an encoding or parameters that the room knows.',
  },
  MEDIA_UNAVAILABLE: {
    rpc: -32042,
    todo: 'The media worker is restarting; wait for media.restarted.',
  },
  // Consent and recording
  ALREADY_ASKED: {
    rpc: -32060,
    todo: 'This was asked before in this call; it is not asked again.',
  },
  ALREADY_ASKING: { rpc: -32061, todo: 'Wait until the running request or recording is over.' },
  NOTICE_INCOMPLETE: {
    rpc: -32062,
    todo: 'Fill the named fields of the request or of the configuration.',
  },
  NOTICE_MISMATCH: { rpc: -32063, todo: 'Show the newest notice and ask the person again.' },
  TOO_LATE: { rpc: -32064, todo: 'The time to answer is over; no answer counts as no.' },
  NOT_WITH_EVERYONE: {
    rpc: -32065,
    todo: 'Someone here cannot be asked; choose the rule "each for themselves".',
  },
  NEVER_RECORDED: { rpc: -32066, todo: 'Nothing of you is recorded in any case.' },
  NO_READERS: { rpc: -32067, todo: 'Name at least one reader from the list.' },
  ON_HOLD: {
    rpc: -32073,
    todo: 'This call is kept as evidence for a claim. Ask the controller why, or try again when that is over.',
  },
  LOG_UNAVAILABLE: {
    rpc: -32068,
    todo: 'Nothing can be recorded until the operator has mended the consent log.',
  },
  RECORDER_FAILED: {
    rpc: -32069,
    todo: 'Nothing more is recorded; ask the operator for the reason.',
  },
  LOG_DIFFERS: {
    rpc: -32072,
    todo: 'This server’s consent log is not the one that you saw before. Agree to nothing here; tell someone you trust.',
  },
  VAULT_BUSY: {
    rpc: -32071,
    todo: 'End the program that reads the vault and try again; until then a copy may be left.',
  },
  SIGNATURE_INVALID: {
    rpc: -32070,
    todo: 'Sign the newest request with the key that this page was bound to, and send it again.',
  },
  // A client's own, never on the wire
  CONNECTION_LOST: { rpc: -32080, todo: 'Wait until the call is back, then try again.' },
  BROWSER_UNSUPPORTED: { rpc: -32081, todo: 'Use a current browser with WebRTC.' },
  // Start-up, never on the wire
  LOG_CORRUPT: { rpc: -32090, todo: 'Run assent verify and restore the log from a backup.' },
  LOG_ROLLED_BACK: { rpc: -32091, todo: 'Restore the newest log; an older one would fork it.' },
  CONFIG_INVALID: { rpc: -32092, todo: 'Correct the named options.' },
  PORT_TAKEN: { rpc: -32093, todo: 'Stop the other program or choose another port.' },
} as const satisfies Record<string, { rpc: number; close?: number; todo: string }>

/** Clients match on these, never on messages. */
export type ErrorCode = keyof typeof errors

/** A failure that the caller is allowed to see. Anything else becomes INTERNAL with a random reference. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number },
  ) {
    super(message, options)
    this.code = code
    this.retryAfterMs = options?.retryAfterMs
  }
}

/** The close code of an error that ends a connection; 1011 (RFC 6455 §7.4.1) for one that has none of its own. */
export function closeCodeOf(code: ErrorCode): number {
  const row = errors[code]
  return 'close' in row ? row.close : 1011
}

/** The name behind a close code, for the client; undefined for codes that are not ours. */
export function errorOfCloseCode(close: number): ErrorCode | undefined {
  return (Object.keys(errors) as ErrorCode[]).find(
    (code) => closeCodeOf(code) === close && close !== 1011,
  )
}

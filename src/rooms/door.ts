import type { Principal } from '#auth'
import type {
  ErrorCode,
  Event,
  Grants,
  Joining,
  Method,
  Params,
  Result,
  RtpCapabilities,
  ServerMethod,
  ServerParams,
  ServerResult,
  Sha256,
} from '#protocol'

/** All rooms of this server, as its edge sees them. */
export interface Rooms extends AsyncDisposable {
  /**
   * One authenticated connection comes in. `upgradeJoin`: the join came with the upgrade and its capabilities are known,
   * so the snapshot leaves without waiting for a message; otherwise the first `session.join` brings it.
   */
  enter(principal: Principal, line: Line, upgradeJoin: EntryPass | null): Seat
  readonly count: { readonly rooms: number; readonly people: number }
  routerCapabilities(): { readonly capabilities: RtpCapabilities; readonly sha256: Sha256 }
  /** Tells everyone that the server restarts in `inMs`, ends every recording, and resolves when all is logged. */
  drain(inMs: number): Promise<void>
}

export type EntryPass = Joining & { readonly capabilities: RtpCapabilities }

/** What a room needs of a connection. Sending never blocks and never throws; a slow reader is the connection's business. */
export interface Line {
  event(n: number, event: Event): void
  /** Rejects when the page answers with an error, the line closes, or the signal aborts. */
  request<M extends ServerMethod>(
    method: M,
    params: ServerParams<M>,
    signal: AbortSignal,
  ): Promise<ServerResult<M>>
  close(code: ErrorCode): void
}

/** What a connection needs of a room. */
export interface Seat {
  /** Rejects with CallError for everything that the caller may know. */
  request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>
  /** A fresh token, already verified and narrowed by the edge. */
  renew(principal: Principal): { grants: Grants; expiresInMs: number }
  expiring(inMs: number): void
  /** The socket closed without `session.leave`. The peer may come back for a while. */
  lost(): void
}

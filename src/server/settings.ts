/** What the edge needs to know; the configuration has a place for each. */
export interface ServerConfig {
  /** Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number }
  /** A plain HTTP listener that only redirects; null: none. */
  readonly redirect: { readonly host: string; readonly port: number } | null
  /** Metrics and health: plain HTTP, meant for loopback. */
  readonly metrics: { readonly host: string; readonly port: number }
  readonly tls: {
    readonly certificateFile: string
    readonly keyFile: string
    readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  }
  /** Where people reach the server: `https://host[:port]`. */
  readonly publicUrl: string
  /** Other sites whose pages may connect. */
  readonly origins: readonly string[]
  readonly demo: boolean
  /** The built page; empty: none is served. */
  readonly webDir: string
  readonly limits: Limits
}

/** Each limit has an error or close code, a counter, and a test that hits it. */
export interface Limits {
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** From TCP to a verified token, and from there to the join. */
  readonly authTimeoutMs: number
  /** Requests that one connection may send at once, and then per second. */
  readonly burst: number
  readonly requestsPerSecond: number
  /** Requests of one connection that may be under way together. */
  readonly maxPending: number
  /** Unreadable messages before the connection is closed; one is forgiven every 10 s. */
  readonly maxErrors: number
  /**
   * What a slow reader may leave unread: up to `maxBufferedBytes` at any time, `slowBufferedBytes`
   * for `slowReaderMs`.
   */
  readonly maxBufferedBytes: number
  readonly slowBufferedBytes: number
  readonly slowReaderMs: number
  /**
   * Silence after which a connection is asked for a sign of life; after three times that it is cut.
   */
  readonly heartbeatMs: number
  /** How long a connection outlives its token, to renew it. */
  readonly expiryGraceMs: number
  /** Bad points after which an address is slowed and then blocked; one is forgiven every 6 s. */
  readonly slowAfter: number
  readonly blockAfter: number
}

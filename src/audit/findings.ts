/** Everything a verifier can find wrong with what records say. The names are stable; messages may change. */
export type GrammarCode =
  | 'record-malformed'
  | 'record-id-repeated'
  | 'session-opened-twice'
  | 'session-not-open'
  | 'session-over'
  | 'session-differs'
  | 'request-repeated'
  | 'request-policy-differs'
  | 'request-is-over'
  | 'request-unknown'
  | 'decision-without-request'
  | 'decision-notice-differs'
  | 'decision-out-of-order'
  | 'gate-without-request'
  | 'gate-policy-differs'
  | 'gate-decision-foreign'
  | 'gate-decision-unknown'
  | 'gate-decision-not-given'
  | 'gate-decision-stale'
  | 'gate-decision-expired'
  | 'gate-party-undecided'
  | 'gate-not-open'
  | 'gate-never-closed'
  | 'effect-without-gate'
  | 'effect-party-uncovered'
  | 'effect-not-started'
  | 'effect-never-stopped'
  | 'media-inverted'
  | 'media-outside-gate'
  | 'media-while-pending'
  | 'media-after-refusal'
  | 'media-after-withdrawal'
  | 'media-after-expiry'
  | 'recording-unknown'

/** One thing that is wrong: where it stands in the log, what kind it is, and a sentence for a reader who is no engineer. */
export type Finding<Code extends string = string> = {
  readonly code: Code
  /** The entry, or null when it concerns the log as a whole. */
  readonly index: number | null
  readonly message: string
}

export type GrammarFinding = Finding<GrammarCode>

import type { Group } from './commitment.ts'
import type { ErasureReason } from './leaf.ts'
import type { CoreRecord, SubjectRecord } from './records.ts'
import type { Tile } from './tiles.ts'
import type { TreeName } from './tree.ts'

/** Two texts that prove one entry without the server: C2SP tlog-proof, and what opens the leaf. */
export type Receipt = { readonly tlogProof: string; readonly opening: string }

/** That an earlier tree still begins the log, as base64 hashes (RFC 9162 §2.1.4). */
export type Consistency = { readonly checkpoint: string; readonly hashes: string[] }

/** One entry as far as it can still be read. */
export type OpenedEntry = {
  readonly index: number
  readonly ref: string | null
  readonly timeMs: number
  readonly core: CoreRecord | null
  readonly subject: SubjectRecord | null
  readonly isSigned: boolean
  /** Groups that were erased. */
  readonly erased: readonly Group[]
}

/** A person in one session; `ref` is their id there and nowhere else. */
export type KnownPerson = {
  readonly ref: string
  readonly session: string
  readonly sinceMs: number
}

/** How long the evidence of one session has to be kept. */
export type SessionEvidence = {
  readonly session: string
  /** When its last recording, or its last request for one, was over; null while one is not. */
  readonly endedMs: number | null
  /** Of the last entry that the call itself gave rise to. */
  readonly lastMs: number
  /** The longest of its requests' terms. */
  readonly evidenceDays: number | null
}

/** `entries` lost something; `held` sessions lost nothing, because they are on hold. */
export type Erased = { readonly entries: number; readonly held: readonly string[] }

/** Everything that can be asked of the log's thread, which alone holds the databases. */
export type Questions = {
  /**
   * All of one tree: the one that witnesses have seen, where it covers all that is asked, else the newest; and that it
   * continues the one that was seen before. A receipt is null for an entry that is not there, or of which nothing is
   * left; all is null when this log has never been the tree that was seen.
   */
  receipts: {
    ask: { indexes: readonly number[]; seen: TreeName }
    answer: { receipts: readonly (Receipt | null)[]; consistency: Consistency } | null
  }
  /** Null when this log has never been the tree that was seen. */
  consistency: { ask: { seen: TreeName }; answer: Consistency | null }
  /** PROOF(from) in the tree of this size (RFC 9162 §2.1.4); 0 < from <= size. */
  proof: { ask: { from: number; size: number }; answer: readonly Uint8Array[] }
  /** The raw bytes of one tile or bundle of entries, up to the newest checkpoint; null for one that is not there. */
  tile: { ask: { tile: Tile }; answer: Uint8Array | null }
  people: { ask: { issuer: string; account: string }; answer: readonly KnownPerson[] }
  entries: { ask: { refs: readonly string[] }; answer: readonly OpenedEntry[] }
  /** The entries of one session, or of none: those about the server itself. */
  session: { ask: { session: string | null }; answer: readonly OpenedEntry[] }
  evidence: { ask: object; answer: readonly SessionEvidence[] }
  /**
   * Of people (`refs`), their names alone or all; of a session, all; of what belongs to no session, all that is older
   * than a time. What is on hold stays.
   */
  erase: {
    ask: {
      target:
        | { readonly refs: readonly string[] }
        | { readonly session: string }
        | { readonly beforeMs: number }
      reason: ErasureReason
    }
    answer: Erased
  }
  /** Keeps all evidence of a session from being erased, or no longer. Answers which sessions are held now. */
  hold: { ask: { session: string; isHeld: boolean } | { session: null }; answer: readonly string[] }
  /** How much was erased and is not yet said in the tree. */
  pending: { ask: object; answer: number }
  /** Says in the tree what was erased and not yet said. Answers how much. */
  bury: { ask: object; answer: number }
  /** The newest checkpoint that a witness has cosigned; without witnesses the newest of all. */
  published: { ask: object; answer: string }
  /** Copies the three databases, of one moment, into an empty folder; nothing is written meanwhile. Answers how many entries. */
  snapshot: { ask: { dir: string }; answer: number }
  /** Adds a witness's line to the checkpoint of that size. */
  cosign: { ask: { size: number; line: string }; answer: boolean }
}

export type QuestionOf<W extends keyof Questions> = { readonly what: W } & Readonly<
  Questions[W]['ask']
>
export type Question = { [W in keyof Questions]: QuestionOf<W> }[keyof Questions]
export type AnswerTo<W extends keyof Questions> = Questions[W]['answer']
export type Answer = AnswerTo<keyof Questions>

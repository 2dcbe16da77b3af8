import type { ConsentLog } from '#audit'
import type { Account } from '#auth'
import type { LogKeys, Notice, Party, PersonId, RequestId, SessionId } from '#protocol'
import type { Vault } from '#recording'

/** What the rights of people reach into. */
export type RightsWorld = {
  readonly log: ConsentLog
  readonly logKeys: LogKeys
  readonly vault: Vault
  /** Where the vault keeps its recordings. */
  readonly recordingsDir: string
  readonly calls: () => LiveCalls
  /** Undefined for an issuer that is not configured. */
  readonly controllerOf: (issuer: string) => Controller | undefined
  readonly now: () => number
  /** For the operator's log. */
  readonly failed: (cause: unknown) => void
}

/** Who answers for a person's data. */
export type Controller = {
  readonly controllers: readonly Party[]
  readonly notice: { readonly authority: Notice['authority'] }
  /** How long a demand is kept once it is closed. */
  readonly rightsRequestDays: number
}

/** The calls that are under way. */
export type LiveCalls = {
  /** Nothing of this person is recorded from now on; resolves when their withdrawal is logged. */
  withhold(who: Account): Promise<void>
  /** Null when that call is over, or has nothing of theirs. Throws BAD_REQUEST while they are in it. */
  destroyIn(session: SessionId, person: PersonId, recordingId: RequestId): Promise<number | null>
}

/** One person's part of one recording. */
export type Part = {
  readonly session: SessionId
  readonly person: PersonId
  readonly recordingId: RequestId
}

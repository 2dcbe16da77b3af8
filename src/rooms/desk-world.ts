import type { ConsentLog, StatementKey, SubjectRecord } from '#audit'
import type { RoomMedia } from '#media'
import type { Metrics } from '#metrics'
import type {
  Barred,
  PeerId,
  PersonId,
  ProducerId,
  RequestId,
  SessionId,
  Sha256,
  Source,
} from '#protocol'
import type { Vault } from '#recording'
import type { RecorderTally } from './tally.ts'
import type { Tenant } from './tenant.ts'

/** What a room's consent and recording need of the room. */
export type DeskWorld = {
  /** As the controller has it now: its privacy notice may change during a call. */
  readonly tenant: () => Tenant
  readonly session: { readonly id: SessionId; readonly startedAt: number }
  readonly log: ConsentLog
  /** The key that signs what people are asked. */
  readonly statements: StatementKey
  /** The hash of the page's own build; null where none is served. */
  readonly uiSha256: Sha256 | null
  readonly vault: Vault
  readonly metrics: Metrics
  readonly tally: RecorderTally
  readonly now: () => number
  readonly media: () => RoomMedia
  /** Those who are in the call or may be back in it at any moment. */
  readonly people: () => ReadonlyMap<
    PersonId,
    { readonly barred: Barred | null; readonly name: string }
  >
  readonly pagesOf: (person: PersonId) => readonly PeerId[]
  readonly isHost: (person: PersonId) => boolean
  readonly subjectOf: (person: PersonId) => SubjectRecord
  /** The streams of connected pages. */
  readonly producers: () => readonly {
    readonly producerId: ProducerId
    readonly person: PersonId
    readonly source: Source
  }[]
  /** Asks every page of these people to show the mark; `shown` is called for each person whose pages all did. */
  readonly show: (
    people: readonly PersonId[],
    requestId: RequestId,
    shown: (person: PersonId) => void,
  ) => void
  /** Everyone's view may have changed. */
  readonly changed: () => void
  /** For the operator's log; whoever is affected hears of it in their own way. */
  readonly failed: (cause: unknown) => void
}

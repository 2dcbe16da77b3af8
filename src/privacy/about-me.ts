import type { OpenedEntry, RecordOf } from '#audit'
import {
  Notice,
  PersonId,
  RequestId,
  type SessionId,
  type OwnAsked,
  type OwnCall,
  type OwnEntry,
  type OwnKept,
  type OwnRecording,
} from '#protocol'
import type { Manifest } from '#recording'
import { tracksOf } from './own-recordings.ts'

/** One call of one person, as the log tells it. */
export type CallFacts = {
  readonly person: PersonId
  readonly session: SessionId
  readonly since: number
  readonly isOnHold: boolean
  /** Those about this person. */
  readonly own: readonly OpenedEntry[]
  /** All of the call. */
  readonly all: readonly OpenedEntry[]
  /** Of the recordings that they were asked for, those that are over and still there. */
  readonly manifests: readonly Manifest[]
}

export const callOf = ({ person, session, since, isOnHold, own, all }: CallFacts): OwnCall => ({
  session,
  person,
  since,
  isOnHold,
  evidenceUntil: evidenceEnd(all),
  asked: askedOf(own),
  entries: own.map(entryOf),
})

/** The recordings of this call that they are in, or were. */
export function recordingsOf({ person, session, isOnHold, own, all, manifests }: CallFacts): OwnRecording[] {
  const about = (recordingId: RequestId) => {
    const asked = askedOf(own).find(({ requestId }) => requestId === recordingId)
    return { recordingId, session, isOnHold, purpose: asked?.purpose ?? null, asked }
  }
  const kept = manifests.flatMap((manifest): OwnRecording[] => {
    const tracks = tracksOf(manifest, person)
    if (tracks.length === 0) return []
    const { asked, ...recording } = about(manifest.requestId)
    const end = Math.max(...manifest.tracks.map(({ stoppedAt }) => stoppedAt))
    return [
      {
        ...recording,
        state: manifest.state,
        startedAt: manifest.startedAt,
        until: asked === undefined ? null : end + asked.recordingDays * dayMs,
        tracks: tracks.map(({ source, startedAt, stoppedAt, segments, destroyedAt }) => ({
          source,
          from: startedAt,
          to: stoppedAt,
          bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
          destroyedAt,
        })),
        readers: manifest.readers.map(({ readerId }) => readerId),
        opened: openedBy(all, manifest.requestId, person),
      },
    ]
  })
  const there = new Set(manifests.map(({ requestId }) => requestId))
  const still = runningWith(all, person).filter(({ requestId }) => !there.has(requestId))
  const running = still.map(({ requestId, at }): OwnRecording => {
    const { asked: _, ...recording } = about(requestId)
    return { ...recording, state: 'running', startedAt: at, until: null, tracks: [], readers: [], opened: [] }
  })
  return [...kept, ...running]
}

/** What is kept, by kind: how much, where, and until when at the latest. */
export function keptOf(
  calls: readonly OwnCall[],
  recordings: readonly OwnRecording[],
  others: { readonly requests: number; readonly settings: number; readonly names: number },
): OwnKept[] {
  const latest = (times: readonly (number | null)[]): number | null =>
    times.length === 0 || times.includes(null) ? null : Math.max(...times.map((at) => at ?? 0))
  const until = latest(calls.map(({ evidenceUntil }) => evidenceUntil))
  const decisions = calls.flatMap(({ entries }) => entries.filter(({ type }) => type === 'decision'))
  const there = recordings.filter(({ tracks, state }) => state === 'running' || tracks.some(isThere))
  const rows: OwnKept[] = [
    { kind: 'recording', count: there.length, place: 'recordings', until: latest(there.map((one) => one.until)) },
    { kind: 'decision', count: decisions.length, place: 'log/vault.db', until },
    { kind: 'name', count: others.names, place: 'log/vault.db', until },
    { kind: 'rights-request', count: others.requests, place: 'rights.db', until: null },
    { kind: 'setting', count: others.settings, place: 'rights.db', until: null },
  ]
  return rows.filter(({ count }) => count > 0)
}

/** Until when what proves the decisions of a call is kept; null while a request for recording is open, or was never made. */
export function evidenceEnd(all: readonly OpenedEntry[]): number | null {
  const requests = all.flatMap(({ core }) => (core?.type === 'request' ? [core] : []))
  const over = new Set(all.flatMap(({ core }) => (core?.type === 'request-over' ? [core.requestId] : [])))
  if (requests.length === 0 || requests.some(({ requestId }) => !over.has(requestId))) return null
  const ends = all.flatMap(({ core, timeMs }) =>
    core?.type === 'request-over' || core?.type === 'effect-stopped' ? [timeMs] : [],
  )
  const days = Math.max(...requests.map(({ retention }) => retention.evidenceDays))
  return Math.max(...ends) + days * dayMs
}

/** Each request once, as it was put to them last. */
function askedOf(own: readonly OpenedEntry[]): OwnAsked[] {
  const asked = own.flatMap(({ core, timeMs }) =>
    core?.type === 'request' ? [[core.requestId, askedIn(core, timeMs)] as const] : [],
  )
  return [...new Map(asked).values()]
}

const askedIn = (core: RecordOf<'request'>, at: number): OwnAsked => ({
  requestId: RequestId.parse(core.requestId),
  at,
  purpose: core.purposes[0]?.text ?? '',
  policy: core.policy,
  recordingDays: core.retention.recordingDays,
  evidenceDays: core.retention.evidenceDays,
  readers: Notice.shape.recipients.element.array().parse(core.recipients),
  storage: Notice.shape.storage.element.array().parse(core.storage),
  noticeSha256: core.notice.sha256,
})

function entryOf({ index, timeMs, core, subject, isSigned, erased }: OpenedEntry): OwnEntry {
  return {
    index,
    at: timeMs,
    type: core?.type ?? null,
    state: core?.event.state ?? null,
    cause: core !== null && 'cause' in core.event ? (core.event.cause ?? null) : null,
    requestId: core !== null && 'requestId' in core ? core.requestId : null,
    isSigned,
    erased: [...erased],
    record: core,
    subject,
  }
}

/** What is being recorded now, and this person with it, or is just being completed: until then it has no manifest. */
function runningWith(
  all: readonly OpenedEntry[],
  person: PersonId,
): { requestId: RequestId; at: number }[] {
  if (all.some(({ core }) => core?.type === 'session-close')) return []
  const over = new Set(
    all.flatMap(({ core }) => (core?.type === 'effect-stopped' ? [core.requestId] : [])),
  )
  const begun = all.flatMap(({ core, timeMs }) =>
    core?.type === 'effect-started' &&
    !over.has(core.requestId) &&
    core.tracks.some(({ subject }) => subject.ref === person)
      ? [[core.requestId, { requestId: RequestId.parse(core.requestId), at: timeMs }] as const]
      : [],
  )
  return [...new Map(begun.toReversed()).values()]
}

/** Who opened it or took it along: readers and operators, and this person; what the others in it took is theirs. */
const openedBy = (
  all: readonly OpenedEntry[],
  recordingId: RequestId,
  person: PersonId,
): OwnRecording['opened'] =>
  all.flatMap(({ core }) => {
    if (core?.type !== 'access' || core.recordingId !== recordingId) return []
    const { entity, time } = core.event
    if (entity !== person && PersonId.safeParse(entity).success) return []
    return [{ at: time, by: entity === person ? 'you' : entity, act: core.act }]
  })

const isThere = ({ destroyedAt }: OwnRecording['tracks'][number]): boolean => destroyedAt === null
const dayMs = 86_400_000

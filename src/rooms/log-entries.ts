import {
  recordHeader,
  requestTerms,
  shownNotice,
  type Entry,
  type SignedDecision,
  type SubjectRecord,
} from '#audit'
import type { AuditEvent, RecordingPermit, Run } from '#consent'
import {
  Notice,
  type Outcome,
  type PauseCause,
  type PersonId,
  type RequestId,
  type SessionId,
  type Sha256,
  type Source,
} from '#protocol'
import type { IntervalSummary } from '#recording'

/** What an entry says besides the event itself. */
export type EntryFacts = {
  readonly session: SessionId
  readonly run: Run
  readonly notice: string
  readonly origin: string
  readonly now: number
  /** Those in the call now. */
  readonly present: readonly PersonId[]
  readonly subjectOf: (person: PersonId) => SubjectRecord
  /** The person's own words, where there are any. */
  readonly signed: SignedDecision | undefined
  readonly uiSha256: string | null
  /** Counts the acts of this call, so that each has a key of its own. */
  readonly act: number
}

/** The log entries of one thing that the machine wants logged; one for each person where it is about people. */
export function entriesOf(event: AuditEvent, facts: EntryFacts): Entry[] {
  const {
    session,
    run: { requestId, policy, noticeSha256, by },
    now,
  } = facts
  const key = `${requestId}/${facts.act}/${event.event}`
  switch (event.event) {
    case 'request': {
      const notice = Notice.parse(JSON.parse(facts.notice))
      const core = {
        event: { state: 'requested', time: now, entity: by, validity: notice.validity },
        requestId,
        policy,
        notice: shownNotice(notice, noticeSha256, facts.uiSha256),
        ...requestTerms(notice),
      } as const
      return event.people.map((person) => ({
        // Without the act: whoever leaves before the notice is out and comes back is asked the same, which is logged once.
        key: `${requestId}/request/${noticeSha256}/${person}`,
        core: { ...recordHeader('request', session), ...core, subject: { ref: person } },
        subject: facts.subjectOf(person),
        notice: facts.notice,
      }))
    }
    case 'decision': {
      const { person, decision, cause } = event
      const { signed } = facts
      const said = signed?.read.decision
      const about = {
        requestId,
        subject: { ref: person },
        noticeSha256,
        ...(said?.prev && { prev: said.prev }),
        present: [...facts.present],
      }
      // By the person's own clock, to the second.
      const clientTime = said && { clientTime: said.iat * 1000 }
      const entry = {
        // Signed words name themselves: whoever repeats them says nothing new.
        key: signed === undefined ? key : `decision/${signed.read.decisionSha256}`,
        subject: facts.subjectOf(person),
        signed,
      }
      const header = recordHeader('decision', session)
      switch (decision) {
        case 'given':
          return [
            {
              ...entry,
              core: {
                ...header,
                event: {
                  state: 'given',
                  time: now,
                  cause: 'click',
                  ...clientTime,
                  validity: { from: now, until: 'end-of-session' },
                },
                ...about,
              },
            },
          ]
        case 'refused':
          return [
            {
              ...entry,
              core: {
                ...header,
                event: { state: 'refused', time: now, cause, ...clientTime },
                ...about,
              },
            },
          ]
        case 'withdrawn':
          return [
            {
              ...entry,
              core: {
                ...header,
                event: { state: 'withdrawn', time: now, cause: 'click', ...clientTime },
                ...about,
              },
            },
          ]
      }
    }
    case 'gateOpen':
      return [
        {
          key,
          core: {
            ...recordHeader('gate-open', session),
            event: { state: 'opened', time: now },
            requestId,
            policy,
            decisions: event.decisions.map((index): [string, number] => [facts.origin, index]),
            present: [...event.present],
          },
        },
      ]
    case 'gateClosed':
      return [
        {
          key,
          core: {
            ...recordHeader('gate-closed', session),
            requestId,
            event: {
              state: event.cause === 'notice' ? 'superseded' : 'closed',
              time: now,
              cause: closedBy[event.cause],
            },
          },
        },
      ]
    case 'hostChanged':
      return [
        {
          key,
          core: {
            ...recordHeader('host-changed', session),
            event: { state: 'changed', time: now, entity: event.to },
            requestId,
          },
        },
      ]
    case 'over':
      return [
        {
          key,
          core: {
            ...recordHeader('request-over', session),
            event: { state: 'over', time: now, cause: overBy[event.outcome] },
            requestId,
          },
        },
      ]
  }
}

/** The log's closed lists of causes, in its own words. */
const overBy = {
  declined: 'declined',
  expired: 'expired',
  cancelled: 'cancelled',
  notAll: 'not-all',
  stopped: 'stopped',
  hostLeft: 'host-left',
  empty: 'empty',
  recorderFailed: 'recorder-failed',
  logFailed: 'log-failed',
} as const satisfies Record<Outcome, string>
/** A gate is never open while a request is still being answered, so those outcomes cannot close one. */
const closedBy = {
  ...overBy,
  declined: 'not-all',
  expired: 'not-all',
  cancelled: 'stopped',
  joined: 'joined',
  host: 'host',
  notice: 'notice',
} as const satisfies Record<PauseCause | Outcome, string>

export const sessionOpened = (session: SessionId, startedAt: number): Entry => ({
  key: `${session}/open`,
  core: { ...recordHeader('session-open', session), event: { state: 'opened', time: startedAt } },
})

export const sessionClosed = (
  session: SessionId,
  now: number,
  cause: 'empty' | 'server-stopped',
): Entry => ({
  key: `${session}/close`,
  core: { ...recordHeader('session-close', session), event: { state: 'closed', time: now, cause } },
})

export const startedEntry = (
  { session, now }: Call,
  requestId: RequestId,
  tracks: RecordingPermit['tracks'],
  act: number,
): Entry => ({
  key: `${requestId}/${act}/started`,
  core: {
    ...recordHeader('effect-started', session.id),
    event: { state: 'started', time: now() },
    requestId,
    recordingId: requestId,
    tracks: tracks.map(({ person, source }) => ({ subject: { ref: person }, source })),
  },
})

export const stoppedEntry = (
  { session, now }: Call,
  requestId: RequestId,
  { tracks }: IntervalSummary,
  act: number,
): Entry => ({
  key: `${requestId}/${act}/stopped`,
  core: {
    ...recordHeader('effect-stopped', session.id),
    event: { state: 'stopped', time: now() },
    requestId,
    recordingId: requestId,
    tracks: tracks.map(({ person, source, startedAt, stoppedAt }) => ({
      subject: { ref: person },
      source,
      startedAt,
      stoppedAt,
    })),
    mediaSha512: tracks.map(({ mediaSha512 }) => mediaSha512),
  },
})

/** The manifest names every file of the recording by its hash. */
export const finishedEntry = (
  { session, now }: Call,
  requestId: RequestId,
  manifestSha256: Sha256,
): Entry => ({
  key: `${requestId}/finished`,
  core: {
    ...recordHeader('effect-stopped', session.id),
    event: { state: 'stopped', time: now() },
    requestId,
    recordingId: requestId,
    tracks: [],
    mediaSha512: [],
    manifestSha256,
  },
})

export const destroyedEntry = (
  { session, now }: Call,
  requestId: RequestId,
  person: PersonId,
  tracks: readonly { source: Source }[],
  act: number,
): Entry => ({
  key: `${requestId}/${act}/destroyed/${person}`,
  core: {
    ...recordHeader('destroyed', session.id),
    event: { state: 'destroyed', time: now(), cause: 'subject-request' },
    recordingId: requestId,
    subject: { ref: person },
    tracks: tracks.map(({ source }) => ({ source })),
  },
})

type Call = { readonly session: { readonly id: SessionId }; readonly now: () => number }

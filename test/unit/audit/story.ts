import {
  schema,
  type causes,
  type CoreRecord,
  type RecordOf,
  type RecordType,
  type SessionRecord,
} from '../../../src/audit/records.ts'
import type { Opened } from '../../../src/audit/interrupted.ts'

/** Records as a server writes them, one after another, so that a test says only what is unusual about its story. */
export const origin = 'localhost:4443/consent/test'
export const noticeSha256 = 'a'.repeat(64)

/** A record whose event and fields a test changes. */
type Change<T extends RecordType> = {
  [K in keyof RecordOf<T>]?: K extends 'event' ? Partial<RecordOf<T>['event']> : RecordOf<T>[K]
}

export class Story {
  readonly entries: Opened[] = []
  readonly session: string
  /** The time of the next record; tests set it where time matters. */
  now = 1_000_000

  constructor(session = 'call_1') {
    this.session = session
  }

  /** Adds a record and returns its index. */
  add(core: CoreRecord): number {
    const index = this.entries.length
    this.entries.push({ index, core })
    return index
  }

  open(): number {
    return this.add({ ...this.#header('session-open'), event: { state: 'opened', time: this.now } })
  }

  close(): number {
    return this.add({
      ...this.#header('session-close'),
      event: { state: 'closed', time: this.now, cause: 'empty' },
    })
  }

  request(ref: string, change: Change<'request'> = {}): number {
    const { event, ...rest } = change
    return this.add({
      ...this.#header('request'),
      requestId: 'req_1',
      subject: { ref },
      notice: {
        sha256: noticeSha256,
        url: 'https://calls.example/privacy',
        lang: 'en',
        version: '1',
        date: '2026-01-01',
      },
      policy: 'everyone',
      ...terms,
      ...rest,
      event: {
        state: 'requested',
        time: this.now,
        entity: 'host',
        validity: { from: this.now, until: 'end-of-session' },
        ...event,
      },
    })
  }

  given(
    ref: string,
    change: { requestId?: string; noticeSha256?: string; until?: number } = {},
  ): number {
    const { until = 'end-of-session', ...rest } = change
    const event = {
      state: 'given',
      time: this.now,
      cause: 'click',
      validity: { from: this.now, until },
    } as const
    return this.add({
      ...this.#header('decision'),
      requestId: 'req_1',
      noticeSha256,
      present: [],
      ...rest,
      subject: { ref },
      event,
    })
  }

  refused(ref: string, cause: (typeof causes.refused)[number] = 'click'): number {
    const event = { state: 'refused', time: this.now, cause } as const
    return this.add({
      ...this.#header('decision'),
      requestId: 'req_1',
      noticeSha256,
      present: [],
      subject: { ref },
      event,
    })
  }

  withdrawn(ref: string): number {
    const event = { state: 'withdrawn', time: this.now, cause: 'click' } as const
    return this.add({
      ...this.#header('decision'),
      requestId: 'req_1',
      noticeSha256,
      present: [],
      subject: { ref },
      event,
    })
  }

  gateOpen(
    decisions: readonly number[],
    present: readonly string[],
    change: Change<'gate-open'> = {},
  ): number {
    const { event, ...rest } = change
    return this.add({
      ...this.#header('gate-open'),
      requestId: 'req_1',
      policy: 'everyone',
      present,
      decisions: decisions.map((index) => [origin, index] as const),
      ...rest,
      event: { state: 'opened', time: this.now, ...event },
    })
  }

  gateClosed(change: Change<'gate-closed'> = {}): number {
    const { event, ...rest } = change
    return this.add({
      ...this.#header('gate-closed'),
      requestId: 'req_1',
      ...rest,
      event: { state: 'closed', time: this.now, cause: 'stopped', ...event },
    })
  }

  started(refs: readonly string[], change: Change<'effect-started'> = {}): number {
    const { event, ...rest } = change
    return this.add({
      ...this.#header('effect-started'),
      requestId: 'req_1',
      recordingId: 'rec_1',
      tracks: refs.map((ref) => ({ subject: { ref }, source: 'microphone' })),
      ...rest,
      event: { state: 'started', time: this.now, ...event },
    })
  }

  /** Stretches as [person, from, to]. */
  stopped(
    stretches: readonly (readonly [ref: string, from: number, to: number])[],
    recordingId = 'rec_1',
  ): number {
    return this.add({
      ...this.#header('effect-stopped'),
      requestId: 'req_1',
      recordingId,
      event: { state: 'stopped', time: this.now },
      tracks: stretches.map(([ref, startedAt, stoppedAt]) => ({
        subject: { ref },
        source: 'microphone',
        startedAt,
        stoppedAt,
      })),
      mediaSha512: ['b'.repeat(128)],
      manifestSha256: 'c'.repeat(64),
    })
  }

  header<T extends SessionRecord['type']>(type: T) {
    return this.#header(type)
  }

  #header<const T extends SessionRecord['type']>(type: T) {
    const recordId = (this.entries.length + 1).toString(16).padStart(32, '0')
    return { schema, recordId, type, session: { id: this.session } } as const
  }
}

/** A call of two in which both agree, are recorded, and it ends: nothing is wrong with it. */
export function goodStory(): Story {
  const story = new Story()
  story.open()
  story.request('anna')
  story.request('ben')
  const yeses = [story.given('anna'), story.given('ben')]
  story.now = 2_000_000
  story.gateOpen(yeses, ['anna', 'ben'])
  story.started(['anna', 'ben'])
  story.now = 3_000_000
  story.gateClosed()
  story.stopped([
    ['anna', 2_000_010, 2_999_990],
    ['ben', 2_000_010, 2_999_990],
  ])
  story.close()
  return story
}

const party = {
  name: 'Example',
  address: 'Street 1',
  contact: 'privacy@calls.example',
  role: 'controller',
} as const

export const terms = {
  controllers: [party],
  processors: [],
  purposes: [
    { id: 'recording', text: 'Minutes', category: 'recording-of-communication', required: false },
  ],
  media: { audio: true, video: false, screen: false },
  biometricTemplate: false,
  hostMayChange: false,
  lawfulBasis: 'consent, GDPR art. 6(1)(a)',
  collectionMethod: 'in-call dialog, affirmative click',
  processing: ['record', 'store'],
  automatedDecisions: false,
  storage: [{ location: 'Example data centre', country: 'DE' }],
  processingLocations: ['DE'],
  transfers: [],
  retention: { recordingDays: 30, evidenceDays: 1095, from: 'end-of-recording' },
  recipients: [{ name: 'Example', role: 'reader', country: 'DE' }],
  jurisdiction: ['DE'],
  withdrawal: {
    inCall: 'one click',
    url: 'https://calls.example/withdraw',
    contact: 'privacy@calls.example',
    afterwards: 'keep-until-destroyed-or-expired',
  },
  rights: { url: 'https://calls.example/rights' },
  authority: { name: 'Authority', url: 'https://authority.example' },
} as const

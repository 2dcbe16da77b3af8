import { ReaderId, RequestId, SessionId, type Notice } from '#protocol'
import type { Asking, Policy, RecordingOptions } from '#sdk'

export const requestId = RequestId.parse(`req_${'a'.repeat(26)}`)
const session = {
  id: SessionId.parse(`call_${'a'.repeat(26)}`),
  startedAt: Date.UTC(2026, 10, 23, 10, 2),
}

export const recordingOptions: RecordingOptions = {
  policies: ['everyone', 'each'],
  retentionDays: [30, 7, 90],
  answerMs: [60_000, 120_000, 300_000],
  readers: [
    { readerId: ReaderId.parse('maya'), name: 'Maya' },
    { readerId: ReaderId.parse('ines'), name: 'Ines' },
  ],
}

/** A complete notice, as a server composes it. */
export function notice(policy: Policy, asking: Partial<Asking> = {}): Notice {
  return {
    schema: 'assent/notice/v1',
    requestId,
    session,
    askedBy: { name: 'Maya', at: Date.UTC(2026, 10, 23, 10, 29) },
    controllers: [
      {
        name: 'Harbour Cooperative',
        address: 'Hafenstraße 1, 60311 Frankfurt, Germany',
        contact: 'privacy@harbour.example',
        url: 'https://harbour.example',
        role: 'controller',
      },
    ],
    processors: [
      {
        name: 'Quay Hosting',
        address: 'Kai 2, 60327 Frankfurt, Germany',
        contact: 'dpo@quay.example',
        role: 'processor',
      },
    ],
    purposes: [
      {
        id: 'recording',
        text: asking.purpose ?? 'So that the two of us who are away can follow the decisions.',
        category: 'recording-of-communication',
        required: false,
      },
    ],
    media: asking.media ?? { audio: true, video: true, screen: false },
    biometricTemplate: false,
    policy,
    hostMayChange: true,
    lawfulBasis: 'GDPR art. 6(1)(a)',
    collectionMethod: 'in-call dialog, affirmative click',
    processing: ['record', 'store'],
    automatedDecisions: false,
    storage: [{ location: 'Frankfurt', country: 'DE' }],
    processingLocations: ['DE'],
    transfers: [],
    retention: {
      recordingDays: asking.retentionDays ?? 30,
      evidenceDays: 1095,
      from: 'end-of-recording',
    },
    recipients: [
      { name: 'Maya', role: 'host', country: 'DE' },
      { name: 'Ines', role: 'minutes', country: 'DE' },
    ],
    jurisdiction: ['DE', 'EU'],
    withdrawal: {
      inCall: 'one click',
      url: 'https://harbour.example/me',
      contact: 'privacy@harbour.example',
      afterwards: 'keep-until-destroyed-or-expired',
    },
    rights: { url: 'https://harbour.example/rights' },
    authority: {
      name: 'Der Hessische Beauftragte für Datenschutz',
      url: 'https://datenschutz.hessen.de',
    },
    validity: { from: session.startedAt, until: 'end-of-session' },
    policyText: {
      version: '3',
      date: '2026-03-01',
      lang: 'en',
      url: 'https://harbour.example/privacy/3',
    },
  }
}

export { session }

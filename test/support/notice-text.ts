import { newId, type Notice, type RequestId } from '#protocol'

/** A complete notice of the given request, under the rule that everyone must agree. */
export const noticeOf = (requestId: RequestId): Notice => ({
  schema: 'assent/notice/v1',
  requestId,
  session: { id: newId.session(), startedAt: 1 },
  askedBy: { name: 'Maya', at: 2 },
  controllers: [
    { name: 'Example GmbH', address: 'Berlin', contact: 'privacy@example.org', role: 'controller' },
  ],
  processors: [],
  purposes: [
    { id: 'recording', text: 'Minutes', category: 'recording-of-communication', required: false },
  ],
  media: { audio: true, video: true, screen: false },
  biometricTemplate: false,
  policy: 'everyone',
  hostMayChange: false,
  lawfulBasis: 'consent',
  collectionMethod: 'in-call dialog, affirmative click',
  processing: ['record', 'store'],
  automatedDecisions: false,
  storage: [{ location: 'Frankfurt', country: 'DE' }],
  processingLocations: ['DE'],
  transfers: [],
  retention: { recordingDays: 30, evidenceDays: 365, from: 'end-of-recording' },
  recipients: [{ name: 'Minutes', role: 'reader', country: 'DE' }],
  jurisdiction: ['DE'],
  withdrawal: {
    inCall: 'one click',
    url: '/me',
    contact: 'privacy@example.org',
    afterwards: 'keep-until-destroyed-or-expired',
  },
  rights: { url: '/me' },
  authority: { name: 'BlnBDI', url: 'https://www.datenschutz-berlin.de' },
  validity: { from: 2, until: 'end-of-session' },
  policyText: { version: '1', date: '2026-11-01', lang: 'en', url: '/privacy' },
})

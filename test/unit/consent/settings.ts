import type { NoticeSettings } from '#consent'
import { Asking, ReaderId } from '#protocol'

/** A controller's settings with every field that a notice needs. */
export const settings: NoticeSettings = {
  controllers: [
    {
      name: 'Example Ltd',
      address: '1 Example Street',
      contact: 'privacy@example.test',
      role: 'controller',
    },
  ],
  processors: [],
  hostMayChange: true,
  lawfulBasis: 'consent',
  storage: [{ location: 'data centre one', country: 'DE' }],
  processingLocations: ['DE'],
  transfers: [],
  jurisdiction: ['DE'],
  withdrawal: {
    inCall: 'one click',
    url: 'https://calls.example/withdraw',
    contact: 'privacy@example.test',
    afterwards: 'keep-until-destroyed-or-expired',
  },
  rights: { url: 'https://calls.example/rights' },
  authority: { name: 'Example Authority', url: 'https://authority.example' },
  policyText: {
    version: '1',
    date: '2026-01-01',
    lang: 'en',
    url: 'https://calls.example/privacy',
  },
  evidenceDays: 365,
  readers: [
    { readerId: 'minutes', name: 'Minutes desk', role: 'writes the minutes', country: 'DE' },
    { readerId: 'legal', name: 'Legal desk', role: 'settles disputes', country: 'DE' },
  ],
  policies: ['everyone', 'each'],
  retentionDays: [7, 30],
}

export const asking = (part: Partial<Asking> = {}): Asking =>
  Asking.parse({
    purpose: 'Minutes of this meeting',
    media: { audio: true, video: true, screen: false },
    policy: 'everyone',
    retentionDays: 7,
    answerMs: 60_000,
    readers: [ReaderId.parse('minutes')],
    ...part,
  })

import { expect, test } from 'vitest'
import { forkedAmong, stepOf, type FlawCode, type ReceiptStep } from '#audit/verify'
import { claimsOf, limitsOf, saidIn } from '../../../src/audit/receipt-claims.ts'
import type { BareFacts } from '../../../src/audit/receipt-facts.ts'
import { causes } from '../../../src/audit/records.ts'

const person = {
  by: 'person',
  alg: 'ES256',
  jkt: 'k',
  signedMs: 1_000_000,
  tokenSha256: null,
} as const
const signed: BareFacts = {
  decision: 'given',
  cause: 'click',
  time: 1_000_000,
  session: 'call_1',
  person: 'person_1',
  name: 'Tomas',
  requestId: 'req_1',
  asked: null,
  notice: '{}',
  noticeSha256: 'a'.repeat(64),
  signer: person,
  origin: 'calls.example/log',
  index: 1,
  size: 2,
  root: 'A',
  afterSize: 1,
  witnesses: [],
  quorum: 'reached',
}

test('each decision with each cause has one sentence, and none but a click is an act', () => {
  const sentences = Object.fromEntries(
    (['given', 'refused', 'withdrawn'] as const).flatMap((decision) =>
      causes[decision].map((cause) => [`${decision} ${cause}`, saidIn({ decision, cause })]),
    ),
  )
  expect(sentences).toEqual({
    'given click': 'agreed',
    'refused click': 'declined',
    'refused timeout': 'silent',
    'refused disconnect': 'left',
    'refused policy': 'ruled',
    'withdrawn click': 'withdrew',
    'withdrawn disconnect': 'ended',
    'withdrawn policy': 'ended',
  })
})

test.each<[string, Partial<BareFacts>, readonly string[], readonly string[]]>([
  ['signed and witnessed', {}, ['shown', 'person', 'log'], ['who', 'name', 'later', 'device']],
  [
    'by the server alone',
    { signer: { by: 'server' } },
    ['shown', 'log'],
    ['serverWord', 'name', 'later', 'device'],
  ],
  [
    'with a signature that is not in it',
    { signer: { by: 'unseen' } },
    ['shown', 'log'],
    ['unseen', 'name', 'later', 'device'],
  ],
  [
    'with a key that a token names',
    { signer: { ...person, tokenSha256: 'b'.repeat(64) } },
    ['shown', 'person', 'log'],
    ['who', 'token', 'name', 'later', 'device'],
  ],
  ['without a name', { name: null }, ['shown', 'person', 'log'], ['who', 'later', 'device']],
  [
    'without its notice',
    { notice: null },
    ['person', 'log'],
    ['who', 'name', 'noNotice', 'later', 'device'],
  ],
  [
    'not witnessed yet',
    { quorum: 'pending' },
    ['shown', 'person', 'log'],
    ['who', 'name', 'pending', 'later', 'device'],
  ],
  [
    'with no witness to ask',
    { quorum: 'none' },
    ['shown', 'person', 'log'],
    ['who', 'name', 'noWitness', 'later', 'device'],
  ],
  [
    'five minutes apart',
    { time: 1_300_000 },
    ['shown', 'person', 'log'],
    ['who', 'name', 'later', 'device'],
  ],
  [
    'more than five minutes apart',
    { time: 1_300_001 },
    ['shown', 'person', 'log'],
    ['who', 'name', 'clocks', 'later', 'device'],
  ],
])('what a receipt proves and leaves open: %s', (_, change, proves, leaves) => {
  expect(claimsOf({ ...signed, ...change })).toEqual(proves)
  expect(limitsOf({ ...signed, ...change })).toEqual(leaves)
})

test.each<[ReceiptStep, readonly FlawCode[]]>([
  ['file', ['json', 'shape', 'base64', 'receipt-form', 'proof-header', 'proof-too-many-hashes']],
  ['notice', ['receipt-notice', 'notice-form', 'receipt-terms']],
  ['signature', ['jws-signature', 'jws-alg']],
  ['answer', ['decision-key', 'record-prev', 'join-session', 'request-key', 'receipt-seen']],
  ['unsigned', ['receipt-unsigned-yes']],
  ['unseen', ['receipt-unseen-yes']],
  ['erased', ['receipt-erased']],
  ['place', ['proof-root', 'proof-too-short', 'proof-too-long', 'proof-index-outside']],
  ['log', ['note-signature-wrong']],
  ['stranger', ['note-unsigned', 'checkpoint-origin', 'receipt-origin']],
  ['witness', ['cosignature-wrong']],
  ['history', ['log-inconsistent', 'log-forked', 'log-key-changed']],
  ['other', ['receipt-session', 'receipt-person', 'receipt-no-decision']],
  ['trust', ['policy-quorum-missing', 'vkey-id']],
])('a refusal is of the step %s', (step, codes) => {
  expect(codes.map(stepOf)).toEqual(codes.map(() => step))
})

test('two roots of one size in one log contradict each other; more entries or another log do not', () => {
  const one = { origin: 'a', size: 2, root: 'A' }
  const fork = { ...one, root: 'B' }
  expect(forkedAmong([one, { ...one, size: 3, root: 'C' }, { ...one, origin: 'b', root: 'D' }])).toEqual([])
  expect(forkedAmong([one, { ...one }, fork])).toEqual([one, one, fork])
})

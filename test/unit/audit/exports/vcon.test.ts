import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toVcon } from '../../../../src/audit/exports/index.ts'
import { exampleEvidence } from '../../../../scripts/exports/example.ts'
import { decided, decisions, generated, validUntil } from './evidence.ts'

const evidence = exampleEvidence()
const { core, asked, proof, log, recorded } = evidence
const vcon = toVcon(evidence)
const attachment = vcon.attachments[0]!
const { body } = attachment
const time = '2026-05-04T09:02:30.000Z'

describe('every field, and where it is from', () => {
  test.each<[string, unknown, unknown]>([
    ['uuid', vcon.uuid, '3f1c9a5e-07b2-8d68-80e1-d2c3b4a59687'],
    ['extensions', vcon.extensions, ['lawful_basis']],
    ['created_at', vcon.created_at, time],
    [
      'the person',
      vcon.parties[0],
      { uuid: core.subject.ref, type: 'person', name: 'Anna Example', validation: 'oidc' },
    ],
    [
      'who answers for the data',
      vcon.parties.slice(1),
      [asked.controllers[0]!, asked.processors[0]!].map(({ name }) => ({
        name,
        validation: 'none',
        type: 'organization',
      })),
    ],
    [
      'the call',
      vcon.dialog[0],
      {
        type: 'recording-set',
        start: '2026-05-04T09:00:00.000Z',
        parties: [0],
        recordings: [1, 2],
      },
    ],
    [
      'what was recorded of the person',
      vcon.dialog[2],
      {
        type: 'recording',
        start: '2026-05-04T09:02:31.500Z',
        duration: 898.5,
        parties: [0],
        recording_set: 0,
      },
    ],
    ['the attachment, by the name of either draft', attachment.type, attachment.purpose],
    ['type', attachment.type, 'lawful_basis'],
    ['start', attachment.start, time],
    ['mediatype', attachment.mediatype, 'application/json'],
    ['encoding', attachment.encoding, 'json'],
    ['lawful_basis', body.lawful_basis, 'consent'],
    ['expiration', body.expiration, '2026-06-03T09:32:31.500Z'],
    [
      'purpose_grants',
      body.purpose_grants,
      [
        {
          purpose: 'recording',
          granted: true,
          granted_at: time,
          conditions: [
            'media: audio, video',
            'recorded until: end-of-session',
            'kept for: P30D from end-of-recording',
          ],
        },
      ],
    ],
    ['terms_of_service', body.terms_of_service, 'https://calls.clinic.example/policy/en'],
    [
      'proof_mechanisms: the decision',
      body.proof_mechanisms[0],
      {
        proof_type: 'cryptographic_signature',
        timestamp: time,
        proof_data: {
          format: 'jws',
          request: proof!.requestJws,
          decision: proof!.decisionJws,
          jwk: proof!.jwk,
        },
      },
    ],
    [
      'proof_mechanisms: the log',
      body.proof_mechanisms[1],
      {
        proof_type: 'external_system',
        timestamp: time,
        proof_data: {
          system: 'https://c2sp.org/tlog-tiles',
          origin: log.origin,
          index: 4,
          checkpoint: log.checkpoint,
        },
      },
    ],
    [
      'metadata',
      body.metadata,
      {
        record_id: core.recordId,
        request_id: core.requestId,
        session_id: core.session.id,
        state: 'given',
        cause: 'click',
        notice: {
          // Of the notice as it was shown: RFC 4648 §5 without padding, as the container writes a hash.
          content_hash: `sha256-${Buffer.from(core.noticeSha256, 'hex').toString('base64url')}`,
          version: '3',
          date: '2026-03-01',
          language: 'en',
        },
        recorded: [
          { dialog: 1, source: 'microphone' },
          { dialog: 2, source: 'camera' },
        ],
      },
    ],
  ])('%s', (_, written, expected) => {
    expect(written).toEqual(expected)
  })
})

test.each(decisions.filter(({ state }) => state !== 'given'))(
  '$state by $cause grants nothing, and has run out at once',
  (decision) => {
    const [{ body }] = toVcon(decided(decision)).attachments as [typeof attachment]
    expect(body.purpose_grants).toEqual([
      { purpose: 'recording', granted: false, granted_at: time },
    ])
    expect(body.expiration).toBe(time)
    expect(body.metadata).toMatchObject(decision)
  },
)

test('the basis ends when the recording does: counted from the last that is known of it', () => {
  const ends = (known: NonNullable<typeof recorded>) =>
    toVcon({ ...evidence, recorded: known }).attachments[0]!.body.expiration
  expect(ends([])).toBe('2026-06-03T09:02:30.000Z')
  const [first, second] = recorded!
  expect(ends([second!])).toBe('2026-06-03T09:17:30.000Z')
  expect(ends([second!, first!])).toBe('2026-06-03T09:32:31.500Z')
})

test('a consent with a last moment says so', () => {
  const { attachments } = toVcon(validUntil(1000))
  expect(attachments[0]!.body.purpose_grants[0]).toMatchObject({
    conditions: expect.arrayContaining(['recorded until: 1970-01-01T00:00:01.000Z']),
  })
})

test('only what is known is in it: no name, no signature, no recording', () => {
  const { recorded: _, ...rest } = evidence
  const bare = toVcon({ ...rest, subject: undefined, proof: undefined })
  expect(bare.parties[0]).toEqual({ uuid: core.subject.ref, type: 'person' })
  expect(bare.dialog).toEqual([{ ...vcon.dialog[0], recordings: [] }])
  expect(bare.attachments[0]!.body.proof_mechanisms.map((one) => one.proof_type)).toEqual([
    'external_system',
  ])
  expect(bare.attachments[0]!.body.metadata.recorded).toEqual([])
})

test('a name that nobody vouches for says so', () => {
  expect(toVcon({ ...evidence, subject: { name: 'Anna' } }).parties[0]).toMatchObject({
    name: 'Anna',
    validation: 'none',
  })
})

test('whatever it refers to by number is there, and is what it should be', () => {
  fc.assert(
    fc.property(generated, ({ evidence }) => {
      const { dialog, parties, attachments } = toVcon(evidence)
      const [{ party, dialog: at, body }] = attachments as [typeof attachment]
      expect(parties[party]).toMatchObject({ type: 'person' })
      expect(dialog[at]).toMatchObject({ type: 'recording-set' })
      const [set, ...stretches] = dialog
      const numbers = stretches.map((_, i) => i + 1)
      expect(set).toMatchObject({ recordings: numbers })
      expect(body.metadata.recorded.map((one) => one.dialog)).toEqual(numbers)
      for (const one of stretches)
        expect(one).toMatchObject({ type: 'recording', recording_set: at })
    }),
  )
})

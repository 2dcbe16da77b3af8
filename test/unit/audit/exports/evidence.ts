import fc from 'fast-check'
import { Notice } from '#protocol'
import { utf8 } from '../../../../src/audit/bytes.ts'
import { asked, type DecisionEvidence } from '../../../../src/audit/exports/index.ts'
import { causes } from '../../../../src/audit/records.ts'
import { sha256 } from '../../../../src/audit/sha256.ts'
import { exampleEvidence } from '../../../../scripts/exports/example.ts'

/** What a decision may be: every state with every cause that the log allows. */
export const decisions = (['given', 'refused', 'withdrawn'] as const).flatMap((state) =>
  causes[state].map((cause) => ({ state, cause })),
)
export type Decision = (typeof decisions)[number]

/** The example, decided otherwise. */
export function decided({ state, cause }: Decision): DecisionEvidence {
  const example = exampleEvidence()
  if (state === 'given') return example
  const event = { state, cause, time: example.core.event.time }
  return { ...example, core: { ...example.core, event } as DecisionEvidence['core'] }
}

/** The example, given until a moment. */
export function validUntil(until: number | 'end-of-session'): DecisionEvidence {
  const example = exampleEvidence()
  const event = { ...example.core.event, validity: { from: 0, until } }
  return { ...example, core: { ...example.core, event } as DecisionEvidence['core'] }
}

/** Evidence that between it makes every export say all that it can say. */
export function variants(): readonly DecisionEvidence[] {
  const { asked, ...rest } = exampleEvidence()
  const { recorded: _, ...little } = validUntil(0)
  const x = 'A'.repeat(43)
  return [
    { asked, ...rest },
    decided({ state: 'refused', cause: 'timeout' }),
    {
      ...little,
      asked: { ...asked, recipients: [], transfers: ['to Elbonia'], jurisdiction: ['Elbonia'] },
      subject: undefined,
      proof: undefined,
    },
    { asked, ...rest, proof: { ...rest.proof!, jwk: { kty: 'EC', crv: 'P-256', x, y: x } } },
  ]
}

/** Names nobody else has, so that a search for them finds nothing by chance. */
export const marked = (word: string) =>
  fc.stringMatching(/^[0-9a-f]{16}$/).map((mark) => `${word}·${mark}`)

const line = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
const country = fc.stringMatching(/^[A-Z]{2}$/)
const url = fc.oneof(fc.webUrl(), fc.constantFrom('/me', '/policy/en', 'policy', 'see the door'))
const time = fc.integer({ min: 0, max: Date.UTC(9000, 0) })
const party = (...roles: readonly ('controller' | 'joint-controller' | 'processor')[]) =>
  fc.record(
    {
      name: line,
      address: line,
      contact: fc.oneof(line, fc.emailAddress(), fc.constant('+49 30 1234567')),
      url: fc.webUrl(),
      role: fc.constantFrom(...roles),
    },
    { requiredKeys: ['name', 'address', 'contact', 'role'] },
  )
const randomId = (prefix: string) => fc.stringMatching(/^[a-z2-7]{26}$/).map((id) => prefix + id)
const media = fc
  .record({ audio: fc.boolean(), video: fc.boolean(), screen: fc.boolean() })
  .filter(({ audio, video, screen }) => audio || video || screen)

/** Notices as the server composes them, and none that it could not. */
const notices = fc
  .record({
    schema: fc.constant('assent/notice/v1'),
    requestId: randomId('req_'),
    session: fc.record({ id: randomId('call_'), startedAt: time }),
    askedBy: fc.record({ name: marked('asker'), at: time }),
    controllers: fc.array(party('controller', 'joint-controller'), { minLength: 1, maxLength: 3 }),
    processors: fc.array(party('processor'), { maxLength: 3 }),
    purposes: fc.tuple(
      fc.record({
        id: fc.constant('recording'),
        text: line,
        category: fc.constant('recording-of-communication'),
        required: fc.constant(false),
      }),
    ),
    media,
    biometricTemplate: fc.constant(false),
    policy: fc.constantFrom('everyone', 'each'),
    hostMayChange: fc.boolean(),
    lawfulBasis: line,
    collectionMethod: fc.constant('in-call dialog, affirmative click'),
    processing: fc.constantFrom(['record'], ['record', 'store']),
    automatedDecisions: fc.constant(false),
    storage: fc.array(fc.record({ location: line, country }), { minLength: 1, maxLength: 3 }),
    processingLocations: fc.array(country, { minLength: 1, maxLength: 3 }),
    transfers: fc.array(line, { maxLength: 3 }),
    retention: fc.record({
      recordingDays: fc.integer({ min: 1, max: 36_500 }),
      evidenceDays: fc.integer({ min: 1, max: 36_500 }),
      from: fc.constant('end-of-recording'),
    }),
    recipients: fc.array(fc.record({ name: line, role: line, country }), {
      minLength: 1,
      maxLength: 3,
    }),
    jurisdiction: fc.array(fc.constantFrom('DE', 'EU', 'US-CA', 'Elbonia'), {
      minLength: 1,
      maxLength: 3,
    }),
    withdrawal: fc.record({
      inCall: fc.constant('one click'),
      url,
      contact: line,
      afterwards: fc.constant('keep-until-destroyed-or-expired'),
    }),
    rights: fc.record({ url }),
    authority: fc.record({ name: line, url }),
    validity: fc.record({ from: time, until: fc.constant('end-of-session') }),
    policyText: fc.record({
      version: fc.stringMatching(/^[0-9.]{1,8}$/),
      date: fc.constantFrom('2026-01-01', '2024-02-29'),
      lang: fc.constantFrom('en', 'de', 'pt-BR'),
      url,
    }),
  })
  .map((notice) => Notice.parse(notice))

const proof = fc.record({
  requestJws: fc.stringMatching(/^[\w-]{1,40}\.[\w-]{1,40}\.[\w-]{1,40}$/),
  decisionJws: fc.stringMatching(/^[\w-]{1,40}\.[\w-]{1,40}\.[\w-]{1,40}$/),
  jwk: fc.oneof(
    fc.record({
      kty: fc.constant('OKP' as const),
      crv: fc.constant('Ed25519' as const),
      x: fc.stringMatching(/^[\w-]{43}$/),
    }),
    fc.record({
      kty: fc.constant('EC' as const),
      crv: fc.constant('P-256' as const),
      x: fc.stringMatching(/^[\w-]{43}$/),
      y: fc.stringMatching(/^[\w-]{43}$/),
    }),
  ),
})

export const subjects = fc.record(
  {
    name: marked('name'),
    account: marked('account'),
    auth: fc.record({ method: marked('method'), issuer: marked('issuer'), time }),
  },
  { requiredKeys: [] },
)

const stretch = fc
  .record({
    source: fc.constantFrom('microphone', 'camera', 'screen', 'screenAudio'),
    startedAt: time,
    lengthMs: fc.nat(10_000_000),
  })
  .map(({ source, startedAt, lengthMs }) => ({
    source,
    startedAt,
    stoppedAt: startedAt + lengthMs,
  }))

export type Generated = { readonly evidence: DecisionEvidence; readonly notice: Notice }

/** Any decision on any notice, with all or little known about it. */
export const generated: fc.Arbitrary<Generated> = fc
  .record({
    notice: notices,
    decision: fc.constantFrom(...decisions),
    time,
    until: fc.oneof(fc.constant('end-of-session' as const), time),
    recordId: fc.stringMatching(/^[0-9a-f]{32}$/),
    ref: randomId('person_'),
    others: fc.array(randomId('person_'), { maxLength: 3 }),
    subject: fc.option(subjects, { nil: undefined }),
    proof: fc.option(proof, { nil: undefined }),
    log: fc.record({
      origin: fc.constantFrom('calls.example/consent/1', 'localhost:4443/consent/dev', 'ä·log'),
      index: fc.nat(),
      checkpoint: line,
    }),
    recorded: fc.option(fc.array(stretch, { maxLength: 4 }), { nil: undefined }),
  })
  .map(({ notice, decision, time, until, recordId, ref, others, recorded, ...rest }) => {
    const bytes = utf8(JSON.stringify(notice))
    const event = {
      ...decision,
      time,
      ...(decision.state === 'given' ? { validity: { from: time, until } } : {}),
    } as DecisionEvidence['core']['event']
    const evidence = {
      core: {
        schema: 'assent:consent-record:1',
        recordId,
        type: 'decision',
        session: { id: notice.session.id },
        event,
        requestId: notice.requestId,
        subject: { ref },
        noticeSha256: sha256(bytes).toHex(),
        present: [ref, ...others],
      } as DecisionEvidence['core'],
      asked: asked(notice, bytes),
      ...(recorded === undefined ? {} : { recorded }),
      ...rest,
    }
    return { evidence, notice }
  })

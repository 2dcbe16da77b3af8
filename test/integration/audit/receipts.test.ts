import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  Flaw,
  forkedAmong,
  formatReceipt,
  parsePolicy,
  parseReceipt,
  receiptFacts,
  sha256,
  stepOf,
  trustInLog,
  verifyGrowth,
  verifyReceipt,
  type FlawCode,
  type ReceiptFacts,
  type ReceiptTexts,
  type RequestClaims,
  type TrustPolicy,
} from '#audit/verify'
import { newId, type Notice } from '#protocol'
import { platformSha256 } from '../../../src/audit/platform-sha256.ts'
import { parseVerifierKey } from '../../../src/audit/verifier-key.ts'
import { alterations, parts, withoutProof, type Part } from '../../support/altered.ts'
import { noticeOf } from '../../support/notice-text.ts'
import { decidedAt, pendingPolicy, ReceiptScene } from '../../support/receipts.ts'

const some = noticeOf(newId.request())
let scene: ReceiptScene
let trust: TrustPolicy
/** A yes, in a tree of four; its person, call and key. */
let yes: ReceiptTexts
let about: Awaited<ReturnType<ReceiptScene['answered']>>

beforeAll(async () => {
  scene = await ReceiptScene.open()
  trust = await trustInLog(sha256, scene.log.vkey)
  about = await scene.answered({ decision: 'given' })
  await scene.answered({ decision: 'refused', cause: 'timeout', isSigned: false })
  yes = await scene.receipt(about.index)
})
afterAll(() => scene[Symbol.asyncDispose]())

const factsOf = async (texts: ReceiptTexts, by = trust): Promise<ReceiptFacts> =>
  receiptFacts(await verifyReceipt(platformSha256, texts, by))
/** Undefined where it is not refused. Anything but a Flaw is a fault of the verifier. */
async function refusal(check: () => Promise<unknown>): Promise<FlawCode | undefined> {
  try {
    await check()
    return undefined
  } catch (cause) {
    if (cause instanceof Flaw) return cause.code
    throw cause
  }
}

describe('a receipt says, without the server', () => {
  test('who agreed to what, when, by whose key, and where it stands', async () => {
    const { asked, ...facts } = await factsOf(yes)
    expect(facts).toEqual({
      decision: 'given',
      cause: 'click',
      time: decidedAt,
      session: about.session,
      person: about.person,
      name: 'Tomas',
      requestId: about.notice.requestId,
      notice: about.text,
      noticeSha256: sha256(new TextEncoder().encode(about.text)).toHex(),
      signer: {
        by: 'person',
        alg: 'Ed25519',
        jkt: about.jkt,
        signedMs: decidedAt,
        tokenSha256: null,
      },
      origin: 'localhost:4443/consent/test',
      index: 1,
      size: 4,
      root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      afterSize: 1,
      witnesses: [],
      quorum: 'none',
      said: 'agreed',
      claims: ['shown', 'person', 'log'],
      limits: ['who', 'name', 'noWitness', 'later', 'device'],
      clocksApartMs: 0,
    })
    expect(asked).toMatchObject({
      askedBy: 'Maya',
      purposes: about.notice.purposes,
      recipients: about.notice.recipients,
      retention: about.notice.retention,
      policy: 'everyone',
      version: '1',
      date: '2026-11-01',
      sessionStartedMs: 1,
    })
  })

  test.each(['given', 'refused', 'withdrawn'] as const)('by ES256 as well: %s', async (decision) => {
    const { index } = await scene.answered({ decision, alg: 'ES256' })
    expect(await factsOf(await scene.receipt(index))).toMatchObject({
      decision,
      signer: { by: 'person', alg: 'ES256' },
    })
  })

  test('of a key that a token names, that only the server says so: any hash can stand there', async () => {
    const tokenSha256 = 'b'.repeat(64)
    const { index } = await scene.answered({ decision: 'given', tokenSha256 })
    const facts = await factsOf(await scene.receipt(index))
    expect(facts).toMatchObject({ decision: 'given', signer: { by: 'person', tokenSha256 } })
    expect(facts.limits).toEqual(['who', 'token', 'name', 'noWitness', 'later', 'device'])
  })

  test('what the server alone attests is the server’s word', async () => {
    const { index } = await scene.answered({
      decision: 'refused',
      cause: 'timeout',
      isSigned: false,
    })
    expect(await factsOf(await scene.receipt(index))).toMatchObject({
      decision: 'refused',
      cause: 'timeout',
      signer: { by: 'server' },
      afterSize: null,
      asked: { askedBy: 'Maya' },
    })
  })

  test.each([
    ['a signed no', { decision: 'refused' }],
    ['a signed withdrawal', { decision: 'withdrawn' }],
    ['a silence', { decision: 'refused', cause: 'timeout', isSigned: false }],
  ] as const)('of %s whose proof was cut out, not that nobody signed it', async (_, answer) => {
    const { index } = await scene.answered(answer)
    const whole = await scene.receipt(index)
    expect((await factsOf(whole)).signer.by).toBe('isSigned' in answer ? 'server' : 'person')
    const { signer, claims, limits, afterSize } = await factsOf(withoutProof(whole))
    expect(signer).toEqual({ by: 'unseen' })
    expect(claims).toEqual(['shown', 'log'])
    expect(limits).toEqual(['unseen', 'name', 'noWitness', 'later', 'device'])
    expect(afterSize).toBeNull()
  })

  test('nothing of a yes without its signature: unseen where it was cut out, unsigned where there is none', async () => {
    expect(await refusal(() => factsOf(withoutProof(yes)))).toBe('receipt-unseen-yes')
    const { statementJwk: _, ...file } = JSON.parse(yes.opening) as {
      statementJwk: unknown
      groups: Record<string, string>
    }
    const opening = JSON.stringify({ ...file, groups: { ...file.groups, proof: '' } })
    expect(await refusal(() => factsOf({ ...yes, opening }))).toBe('receipt-unsigned-yes')
  })

  test('nothing where the proof became another digest than the leaf has', async () => {
    const { index } = await scene.answered({ decision: 'refused' })
    const { opening, ...rest } = withoutProof(await scene.receipt(index))
    const file = JSON.parse(opening) as { digests: { proof: string } }
    file.digests.proof = Buffer.alloc(32, 7).toString('base64')
    const changed = { ...rest, opening: JSON.stringify(file) }
    expect(await refusal(() => factsOf(changed))).toBe('proof-root')
  })

  test('what was asked, from the signed request, where the notice is gone', async () => {
    const { notice: _, ...opening } = JSON.parse(yes.opening) as { notice: string }
    const facts = await factsOf({ ...yes, opening: JSON.stringify(opening) })
    expect(facts).toMatchObject({ notice: null, asked: { askedBy: null, version: '1' } })
    expect(facts.asked?.purposes).toEqual(about.notice.purposes)
  })

  test('that the witnesses of a policy have not answered', async () => {
    const policy = await parsePolicy(sha256, pendingPolicy(scene.log.vkey))
    expect(await factsOf(yes, policy)).toMatchObject({ quorum: 'pending', witnesses: [] })
  })

  test('nothing of a record that is nobody’s decision', async () => {
    expect(await refusal(async () => factsOf(await scene.receipt(0)))).toBe('receipt-no-decision')
  })
})

describe('one changed bit is found, and named', () => {
  const codes: Record<Part, FlawCode> = {
    notice: 'receipt-notice',
    record: 'proof-root',
    name: 'proof-root',
    salt: 'proof-root',
    'person’s signature': 'jws-signature',
    // What the person signed names the request with its signature.
    'server’s signature': 'decision-request',
    'person’s key': 'decision-key',
    'server’s key': 'request-key',
    index: 'proof-root',
    'proof hash': 'proof-root',
    'tree size': 'note-signature-wrong',
    'tree root': 'note-signature-wrong',
    'log’s name': 'note-signature-wrong',
    'log’s signature': 'note-signature-wrong',
  }
  test.each(parts)('%s', async (part) => {
    expect(await refusal(() => factsOf(alterations[part](yes)))).toBe(codes[part])
  })

  test('at whatever place of the file it is', { timeout: 300_000 }, async () => {
    const file = formatReceipt(yes)
    expect(await factsOf(parseReceipt(file))).toMatchObject({ decision: 'given' })
    const passed: string[] = []
    for (let at = 0; at < file.length; at++) {
      const other = file[at] === 'A' ? 'B' : 'A'
      const changed = file.slice(0, at) + other + file.slice(at + 1)
      const code = await refusal(() => factsOf(parseReceipt(changed)))
      if (code === undefined) passed.push(`${at}: ${file.slice(at - 20, at + 20)}`)
    }
    expect(passed).toEqual([])
  })

  test('whatever letter comes, goes, or stands there instead', { timeout: 300_000 }, async () => {
    const file = formatReceipt(yes)
    const letter = fc.oneof(
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
      fc.constantFrom(...'"\\{}:,.=+/-_ \n\r\t09azAZ\u0000\uFEFF'.split('')),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.nat(file.length),
        fc.constantFrom('put', 'take', 'instead'),
        letter,
        async (at, how, other) => {
          const rest = file.slice(how === 'put' ? at : at + 1)
          const changed = file.slice(0, at) + (how === 'take' ? '' : other) + rest
          fc.pre(changed !== file)
          expect(await refusal(() => factsOf(parseReceipt(changed)))).toBeDefined()
        },
      ),
      { numRuns: 3000, verbose: true },
    )
  })
})

describe('a receipt that is sound, but of something else, is refused by its own code', () => {
  test('of another log: none that is trusted signed it', async () => {
    await using elsewhere = await ReceiptScene.open('elsewhere.example/consent/1')
    const { index } = await elsewhere.answered({ decision: 'given' })
    const code = await refusal(async () => factsOf(await elsewhere.receipt(index)))
    expect(code).toBe('note-unsigned')
    expect(stepOf(code!)).toBe('stranger')
  })

  test('of a log by the same name and with another key', async () => {
    await using twin = await ReceiptScene.open()
    const { index } = await twin.answered({ decision: 'given' })
    expect(await refusal(async () => factsOf(await twin.receipt(index)))).toBe('note-unsigned')
  })

  test('decided for another log, though this one signed the tree', async () => {
    await using elsewhere = await ReceiptScene.open('elsewhere.example/consent/1')
    const policy = await parsePolicy(
      sha256,
      `log ${scene.log.vkey}\nlog ${elsewhere.log.vkey}\nquorum none\n`,
    )
    const { index } = await elsewhere.answered({ decision: 'given' })
    const theirs = await elsewhere.receipt(index)
    // Only the proof of the one and the opening of the other: as a mix-up, not as a forgery.
    expect(await refusal(() => factsOf({ ...yes, opening: theirs.opening }, policy))).toBe(
      'proof-root',
    )
    expect(await factsOf(theirs, policy)).toMatchObject({ origin: elsewhere.log.origin })
  })

  test('two trees of one size: each is sound, and together they convict the log', async () => {
    const facts = await factsOf(yes)
    const later = await factsOf(await scene.receipt(about.index))
    expect(later.size).toBeGreaterThan(facts.size)
    expect(forkedAmong([facts, later, facts])).toEqual([])
    const fork = { ...facts, root: later.root }
    expect(forkedAmong([later, facts, fork])).toEqual([facts, fork])
    expect(forkedAmong([facts, { ...fork, origin: 'another.example/log' }])).toEqual([])
  })

  test('a tree that has grown into another of the same size', async () => {
    const verifier = await parseVerifierKey(sha256, scene.log.vkey)
    const { checkpoint } = scene.log
    const size = Number(checkpoint.split('\n')[1])
    const seen = { size, root: Buffer.alloc(32, 1).toString('base64') }
    const grown = { checkpoint, hashes: [] }
    expect(await refusal(() => verifyGrowth(sha256, seen, grown, verifier))).toBe('log-forked')
    const root = checkpoint.split('\n')[2]!
    expect(await verifyGrowth(sha256, { size, root }, grown, verifier)).toMatchObject({ size })
  })
})

describe('what was shown and what was signed are one thing', () => {
  const otherwise: readonly [string, Partial<RequestClaims>][] = [
    ['the purpose', { purposes: [{ ...some.purposes[0]!, text: 'Marketing' }] }],
    ['how long it is kept', { retention: { ...some.retention, recordingDays: 31 } }],
    ['who can open it', { recipients: [{ name: 'Anybody', role: 'reader', country: 'DE' }] }],
    ['what is recorded', { media: { audio: true, video: true, screen: true } }],
    ['who has to agree', { policy: 'each' }],
    ['until when it holds', { validity: { from: 3, until: 'end-of-session' } }],
    ['when the call began', { session: { ...some.session, startedAt: 2 } }],
  ]
  test.each(otherwise)('or the receipt is refused: %s', async (_, signs) => {
    const { notice } = about
    const session = { ...notice.session, ...(signs.session && { startedAt: 2 }) }
    const twist = { notice, signs: { ...signs, session } }
    const { index } = await scene.answered({ decision: 'given' }, twist)
    expect(await refusal(async () => factsOf(await scene.receipt(index)))).toBe('receipt-terms')
  })

  test('a notice of another request is not what a silence was about', async () => {
    const silence = { decision: 'refused', cause: 'timeout', isSigned: false } as const
    const { index } = await scene.answered(silence, { requestId: 'req_another' })
    expect(await refusal(async () => factsOf(await scene.receipt(index)))).toBe('receipt-terms')
  })

  test('a notice that is none is refused, whoever signed it', async () => {
    const { index } = await scene.answered(
      { decision: 'given' },
      { notice: { schema: 'assent/notice/v2' } as unknown as Partial<Notice> },
    )
    expect(await refusal(async () => factsOf(await scene.receipt(index)))).toBe('notice-form')
  })
})

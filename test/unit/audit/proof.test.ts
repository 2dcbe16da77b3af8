import { describe, expect, test } from 'vitest'
import { emptyTree, verifyDecision } from '#audit'
import type { DecisionClaims, RecordOf, RequestClaims } from '#audit/verify'
import { newId } from '#protocol'
import { checkRecord } from '../../../src/audit/proof.ts'
import { noticeOf } from '../../support/notice-text.ts'
import { newStatementKey, PersonKey } from '../../support/person-key.ts'
import { claimsFor } from './claims.ts'

const statements = newStatementKey()
const key = new PersonKey()
const stranger = new PersonKey()
const person = newId.person()
const notice = noticeOf(newId.request())
const claims = claimsFor(notice, person)
const some = 'A'.repeat(43)
const hash = 'b'.repeat(64)

const request = (change: Partial<RequestClaims> = {}): string =>
  statements.signRequest({ ...claims, jkt: key.jkt, nonce: some, ...change })
const join = (of = key, change: { sid?: string; sub?: string } = {}): string =>
  of.join({ ath: some, nonce: some, sid: notice.session.id, sub: person, ...change })

/** What a person hands in, as honest as can be but for one thing. */
const proofOf = (part: {
  request?: string
  decision?: Partial<DecisionClaims>
  signer?: PersonKey
  join?: string | undefined
  tokenSha256?: string
}) => {
  const requestJws = part.request ?? request()
  const decisionJws = (part.signer ?? key).decide(requestJws, 'given', part.decision)
  const joinJws = 'join' in part ? part.join : join()
  return {
    requestJws,
    decisionJws,
    jwk: key.jwk,
    ...(joinJws !== undefined && { joinJws }),
    ...(part.tokenSha256 !== undefined && { tokenSha256: part.tokenSha256 }),
  }
}
const codeOf = (proof: ReturnType<typeof proofOf>, by = statements): unknown => {
  try {
    verifyDecision(proof, by.jwk)
    return null
  } catch (cause) {
    return (cause as { cause?: { code?: unknown } }).cause?.code
  }
}

test('a yes to this request by the key that joined is one', () => {
  expect(codeOf(proofOf({}))).toBeNull()
  expect(codeOf(proofOf({ join: undefined, tokenSha256: hash }))).toBeNull()
})

describe('L2 what is not exactly that is no yes, and says what it is instead:', () => {
  test.each([
    ['decision-request', 'over another request', { decision: { requestSha256: hash } }],
    ['decision-nonce', 'played again', { decision: { nonce: 'B'.repeat(43) } }],
    ['decision-notice', 'to other words', { decision: { noticeSha256: hash } }],
    ['decision-session', 'in another call', { decision: { sid: newId.session() } }],
    ['decision-subject', 'as someone else', { decision: { sub: newId.person() } }],
    ['decision-origin', 'for another log', { decision: { origin: 'other.example/log' } }],
    ['decision-late', 'after the time was over', { decision: { iat: claims.exp + 1 } }],
    ['decision-key', 'by a key that was not asked', { signer: stranger }],
    ['decision-key', 'to what another key was asked', { request: request({ jkt: stranger.jkt }) }],
    ['decision-key-unbound', 'by a key that nothing ties to anyone', { join: undefined }],
    ['decision-key-unbound', 'by a key that two things tie', { tokenSha256: hash }],
    ['join-key', 'where another key joined', { join: join(stranger) }],
    ['join-session', 'joined to another call', { join: join(key, { sid: newId.session() }) }],
    ['join-session', 'joined as someone else', { join: join(key, { sub: newId.person() }) }],
  ] as const)('%s: %s', (code, _, part) => {
    expect(codeOf(proofOf(part))).toBe(code)
  })

  test('request-key: to what another server asked', () => {
    expect(codeOf(proofOf({}), newStatementKey())).toBe('request-key')
  })

  test.each(['decisionJws', 'joinJws'] as const)('jws-signature: one bit of it in %s', (name) => {
    const proof = proofOf({})
    const text = proof[name] ?? ''
    const at = text.lastIndexOf('.') + 5
    const flipped = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    expect(codeOf({ ...proof, [name]: flipped })).toBe('jws-signature')
  })

  test('a withdrawal is never too late', () => {
    const late = { decision: 'withdrawn', iat: claims.exp + 3600 } as const
    expect(codeOf(proofOf({ decision: { ...late, purposes: refused } }))).toBeNull()
  })
})
const refused = [{ id: 'recording', granted: false }] as const

describe('a record says what was signed, or the verifier says in what it differs:', () => {
  const { read } = verifyDecision(proofOf({}), statements.jwk)
  const record = {
    event: { state: 'given', validity: { from: 1, until: 'end-of-session' } },
    requestId: claims.requestId,
    subject: { ref: person },
    session: { id: notice.session.id },
    noticeSha256: claims.notice.sha256,
  } as unknown as RecordOf<'decision'>

  test('the honest one', () => {
    expect(() => checkRecord(read, record)).not.toThrow()
  })

  test.each([
    ['record-decision', { event: { state: 'refused' } }],
    ['record-request', { requestId: newId.request() }],
    ['record-subject', { subject: { ref: newId.person() } }],
    ['record-session', { session: { id: newId.session() } }],
    ['record-notice', { noticeSha256: hash }],
    ['record-validity', { event: { state: 'given', validity: { from: 1, until: 2 } } }],
    ['record-prev', { prev: hash }],
  ])('%s', (code, change) => {
    expect(() => checkRecord(read, { ...record, ...change } as typeof record)).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

test('the tree that the page had seen is part of what it signs', () => {
  expect(verifyDecision(proofOf({}), statements.jwk).read.decision.seen).toEqual(emptyTree)
})

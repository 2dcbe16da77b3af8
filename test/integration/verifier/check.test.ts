import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatReceipt, type ReceiptTexts } from '#audit/verify'
import { checkAll, readTrust, type Trust } from '../../../client/verifier/check.ts'
import type { DroppedReceipt } from '../../../client/verifier/dropped.ts'
import { withoutProof } from '../../support/altered.ts'
import { pendingPolicy, ReceiptScene } from '../../support/receipts.ts'

let scene: ReceiptScene
let yes: ReceiptTexts
let other: ReceiptTexts
beforeAll(async () => {
  scene = await ReceiptScene.open()
  const first = await scene.answered({ decision: 'given' })
  const second = await scene.answered({ decision: 'withdrawn' })
  yes = await scene.receipt(first.index)
  other = await scene.receipt(second.index)
})
afterAll(() => scene[Symbol.asyncDispose]())

const read = (name: string, texts: ReceiptTexts): DroppedReceipt => ({ name, state: 'read', texts })
const trusted = async (text = `log ${scene.log.vkey}\nquorum none\n`) => {
  const trust = await readTrust({ text })
  if (trust.state !== 'read') throw new Error(trust.message)
  return trust.policy
}
/** One character of one of its texts is another; base64 stays base64. */
const altered = (texts: ReceiptTexts, part: keyof ReceiptTexts, marker: string): ReceiptTexts => {
  const at = texts[part].indexOf(marker) + marker.length
  const changed = texts[part][at] === 'A' ? 'B' : 'A'
  return { ...texts, [part]: texts[part].slice(0, at) + changed + texts[part].slice(at + 1) }
}

describe('the verifier checks', () => {
  test('each by itself, in order, and says of which log it says it is', async () => {
    const results = await checkAll([read('yes', yes), read('other', other)], await trusted())
    expect(results).toMatchObject([
      { name: 'yes', state: 'verified', claims: scene.log.origin, facts: { said: 'agreed' } },
      { name: 'other', state: 'verified', claims: scene.log.origin, facts: { said: 'withdrew' } },
    ])
  })

  test('nothing before somebody is trusted', async () => {
    expect(await checkAll([read('yes', yes)], null)).toEqual([
      { name: 'yes', claims: scene.log.origin, state: 'untried', why: 'trust' },
    ])
  })

  test('the inclusion proof: another hash in it leads to another root', async () => {
    const texts = altered(yes, 'tlogProof', `index 1\n`)
    const [result] = await checkAll([read('a', texts)], await trusted())
    expect(result).toMatchObject({ state: 'refused', code: 'proof-root' })
  })

  test('the person’s signature', async () => {
    const opening = JSON.parse(yes.opening) as { groups: { proof: string } }
    const proof = JSON.parse(Buffer.from(opening.groups.proof, 'base64').toString()) as {
      decisionJws: string
    }
    const at = proof.decisionJws.lastIndexOf('.') + 5
    const letter = proof.decisionJws[at] === 'A' ? 'B' : 'A'
    proof.decisionJws =
      proof.decisionJws.slice(0, at) + letter + proof.decisionJws.slice(at + 1)
    opening.groups.proof = Buffer.from(JSON.stringify(proof)).toString('base64')
    const texts = { ...yes, opening: JSON.stringify(opening) }
    const [result] = await checkAll([read('a', texts)], await trusted())
    expect(result).toMatchObject({ state: 'refused', code: 'jws-signature' })
  })

  test('a signature that was cut out: a no may be signed all the same, a yes is refused', async () => {
    const cut = [read('no', withoutProof(other)), read('yes', withoutProof(yes))]
    expect(await checkAll(cut, await trusted())).toMatchObject([
      { state: 'verified', facts: { said: 'withdrew', signer: { by: 'unseen' } } },
      { state: 'refused', code: 'receipt-unseen-yes' },
    ])
  })

  test('the notice: another text than the one that was decided upon', async () => {
    const opening = JSON.parse(yes.opening) as { notice: string }
    const text = Buffer.from(opening.notice, 'base64').toString().replace('Minutes', 'Minutos')
    opening.notice = Buffer.from(text).toString('base64')
    const texts = { ...yes, opening: JSON.stringify(opening) }
    const [result] = await checkAll([read('a', texts)], await trusted())
    expect(result).toMatchObject({ state: 'refused', code: 'receipt-notice' })
  })

  test('who signed: another log of the same name is a stranger', async () => {
    await using twin = await ReceiptScene.open()
    const trust = await trusted(`log ${twin.log.vkey}\nquorum none\n`)
    expect(await checkAll([read('a', yes)], trust)).toMatchObject([
      { state: 'refused', code: 'note-unsigned', claims: scene.log.origin },
    ])
  })

  test('a log that signed two histories is convicted by two receipts, whatever else is there', async () => {
    await using second = await scene.second()
    await second.answered({ decision: 'refused' })
    const before = await second.answered({ decision: 'refused' })
    const yours = read('yours', await second.receipt(before.index))
    await second.answered({ decision: 'refused' })
    const later = read('later', await second.receipt(before.index))
    expect(await checkAll([read('mine', yes), yours, later], await trusted())).toMatchObject([
      { name: 'mine', state: 'refused', code: 'log-forked' },
      { name: 'yours', state: 'refused', code: 'log-forked' },
      // Of a larger tree: the file alone cannot tell which of the two it belongs to.
      { name: 'later', state: 'verified' },
    ])
  })

  test('what cannot be tried is kept in its place with the reason', async () => {
    const results = await checkAll(
      [{ name: 'half', state: 'untried', why: 'half' }, read('yes', yes)],
      await trusted(pendingPolicy(scene.log.vkey)),
    )
    expect(results).toMatchObject([
      { name: 'half', state: 'untried', why: 'half' },
      { name: 'yes', state: 'verified', facts: { quorum: 'pending' } },
    ])
  })
})

test.each<[string, Trust['state'], string | undefined]>([
  ['quorum none\n', 'read', undefined],
  ['log x\nquorum none\n', 'bad', 'policy-key'],
  ['log', 'bad', 'policy-unterminated'],
])('a policy %j is %s', async (text, state, code) => {
  expect(await readTrust({ text })).toMatchObject({ state, ...(code !== undefined && { code }) })
})

test('the one file and the pair are the same receipt', () => {
  expect(JSON.parse(formatReceipt(yes))).toEqual({ v: 1, ...yes })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseReceipt, type ReceiptTexts } from '#audit/verify'
import type { LogKeys } from '#protocol'
import { checkAgain, checkReceipt, receiptFile } from '#sdk'
import { alterations } from '../../support/altered.ts'
import { PersonKey } from '../../support/person-key.ts'
import { ReceiptScene } from '../../support/receipts.ts'

let scene: ReceiptScene
let texts: ReceiptTexts
let log: LogKeys
let mine: { readonly session: string; readonly person: string }
beforeAll(async () => {
  scene = await ReceiptScene.open()
  const answered = await scene.answered({ decision: 'given' })
  await scene.answered({ decision: 'given' })
  texts = await scene.receipt(answered.index)
  mine = { session: answered.session, person: answered.person }
  const { origin, vkey } = scene.log
  log = { origin, vkey, statementJwk: new PersonKey().jwk }
})
afterAll(() => scene[Symbol.asyncDispose]())

test('a page believes its own receipt, and keeps it as one file', async () => {
  const held = await checkReceipt(texts, log, mine)
  expect(held.verdict).toMatchObject({ state: 'verified', what: { decision: 'given', ...mine } })
  const { name, text } = receiptFile(held)
  expect(name).toMatch(/^assent-receipt-2026-10-14-[0-9a-f]{12}\.json$/)
  expect(parseReceipt(text)).toEqual(texts)
})

test('a receipt of another call, of someone else or of another log is none, each by its code', async () => {
  await using twin = await ReceiptScene.open()
  const codes = await Promise.all(
    [
      checkReceipt(texts, log, { ...mine, session: 'call_other' }),
      checkReceipt(texts, log, { ...mine, person: 'person_other' }),
      checkReceipt(texts, { ...log, vkey: twin.log.vkey }, mine),
      checkReceipt(alterations.salt(texts), log, mine),
      checkReceipt(await scene.receipt(0), log, mine),
      checkReceipt({ ...texts, opening: 'none' }, log, mine),
    ].map(async (checking) => {
      const { verdict } = await checking
      return verdict.state === 'failed' && verdict.code
    }),
  )
  expect(codes).toEqual([
    'receipt-session',
    'receipt-person',
    'note-unsigned',
    'proof-root',
    'receipt-no-decision',
    'json',
  ])
})

test('what was refused stays a file that can be shown to others', async () => {
  const held = await checkReceipt(alterations.notice(texts), log, mine)
  expect(held.verdict).toMatchObject({ state: 'failed', code: 'receipt-notice' })
  expect(parseReceipt(receiptFile(held).text)).toEqual(alterations.notice(texts))
})

test('checked again, a kept receipt is judged anew, but what its log did to others is not forgotten', async () => {
  const held = await checkReceipt(texts, log, mine)
  expect(await checkAgain(held)).toEqual(held)
  const altered = { ...held, texts: alterations.salt(texts) }
  expect((await checkAgain(altered)).verdict).toMatchObject({ state: 'failed', code: 'proof-root' })
  const failed = { state: 'failed', message: '' } as const
  const history = { ...failed, code: 'log-inconsistent', step: 'history' } as const
  expect((await checkAgain({ ...held, verdict: history })).verdict).toBe(history)
  const place = { ...failed, code: 'proof-root', step: 'place' } as const
  expect((await checkAgain({ ...held, verdict: place })).verdict.state).toBe('verified')
})

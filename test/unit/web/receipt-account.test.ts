import { describe, expect, test } from 'vitest'
import type { ReceiptFacts } from '#audit/verify'
import { strings, wordsIn } from '../../../client/verifier/words.ts'
import { languages, type Language } from '../../../client/web/language/languages.ts'
import { accountOf, type Whose } from '../../../client/web/receipt/account.ts'
import type { ReceiptKey } from '../../../client/web/receipt/words.ts'
import { claimsOf, limitsOf } from '../../../src/audit/receipt-claims.ts'

const all = Object.keys(languages).filter((name): name is Language => name in languages)
const key = { by: 'person', alg: 'Ed25519', jkt: 'thumbprint', signedMs: 1 } as const

/** A no, of which nothing is different but who signed it. */
function factsBy(signer: ReceiptFacts['signer']): ReceiptFacts {
  const bare = {
    decision: 'refused',
    cause: 'click',
    time: 1,
    session: 'call_1',
    person: 'person_1',
    name: null,
    requestId: 'req_1',
    asked: null,
    notice: '{}',
    noticeSha256: 'a'.repeat(64),
    signer,
    origin: 'calls.example/log',
    index: 1,
    size: 2,
    root: 'A',
    afterSize: null,
    witnesses: [],
    quorum: 'reached',
  } as const
  return {
    ...bare,
    said: 'declined',
    claims: claimsOf(bare),
    limits: limitsOf(bare),
    clocksApartMs: 0,
  }
}

describe.each(all)('%s', (language) => {
  const words = wordsIn(language, [language])
  const { web } = strings[language]
  const told = (signer: ReceiptFacts['signer'], whose: Whose) =>
    JSON.stringify(accountOf(factsBy(signer), words, whose))
  /** Which of these texts an account has. */
  const saidBy = (signer: ReceiptFacts['signer'], whose: Whose, keys: readonly ReceiptKey[]) =>
    keys.filter((one) => told(signer, whose).includes(JSON.stringify(web[one])))

  test.each<[Whose, ReceiptKey, ReceiptKey]>([
    ['own', 'receipt.notProven.serverWord', 'receipt.notProven.unseen'],
    ['any', 'receipt.they.serverWord', 'receipt.they.unseen'],
  ])('told of nobody only where nobody signed: %s', (whose, server, unseen) => {
    const keys = ['receipt.signed.server', server, 'receipt.signed.unseen', unseen] as const
    expect(saidBy({ by: 'server' }, whose, keys)).toEqual(keys.slice(0, 2))
    expect(saidBy({ by: 'unseen' }, whose, keys)).toEqual(keys.slice(2))
    expect(saidBy({ ...key, tokenSha256: null }, whose, keys)).toEqual([])
  })

  test.each<Whose>(['own', 'any'])('a token that names the key is the server’s word: %s', (whose) => {
    const keys = ['receipt.key.join', 'receipt.key.token', 'receipt.notProven.token'] as const
    expect(saidBy({ ...key, tokenSha256: null }, whose, keys)).toEqual(keys.slice(0, 1))
    expect(saidBy({ ...key, tokenSha256: 'b'.repeat(64) }, whose, keys)).toEqual(keys.slice(1))
  })
})

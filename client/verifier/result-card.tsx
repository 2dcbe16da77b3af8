import { sha256, stepOf, toHex, utf8, type ReceiptStep } from '#audit/verify'
import { accountOf, reasonOf } from '../web/receipt/account.ts'
import { Seal } from '../web/receipt/seal.tsx'
import { Told } from '../web/receipt/told.tsx'
import { Verdict } from '../web/receipt/verdict.tsx'
import type { Result } from './check.ts'
import type { OwnKey, VerifierWords } from './words.ts'

/** One receipt: what it proves and what not, or why it is refused and what to do then. */
export function ResultCard({
  result,
  words,
}: {
  readonly result: Result
  readonly words: VerifierWords
}) {
  const { own, t } = words
  const file = <p className="code quiet file">{result.name}</p>
  switch (result.state) {
    case 'verified':
      return (
        <article className="card wide receipt-card" data-state="verified">
          {file}
          <div className="receipt">
            <Seal name={toHex(sha256(utf8(`${result.facts.root} ${result.facts.index}`)))} />
            <Told
              account={accountOf(result.facts, words, 'any')}
              words={words}
              verdict={
                <p>
                  <Verdict holds>{own('verified')}</Verdict>
                </p>
              }
            />
          </div>
        </article>
      )
    case 'refused': {
      const step = stepOf(result.code)
      return (
        <article className="card wide receipt-card" data-state="refused">
          {file}
          <p>
            <Verdict holds={false}>{own('refused', { reason: t(reasonOf[step]) })}</Verdict>
          </p>
          <p>{own(todoOf[step])}</p>
          {step === 'stranger' && result.claims !== null && (
            <p>{own('claims', { origin: result.claims })}</p>
          )}
          <p className="code quiet">{t('receipt.code', { code: result.code })}</p>
        </article>
      )
    }
    case 'untried':
      return (
        <article className="card wide receipt-card" data-state="untried">
          {file}
          <p>
            <Verdict holds={false}>{own('untried')}</Verdict>
          </p>
          <p>{own(`untried.${result.why}`)}</p>
          {result.claims !== null && <p>{own('claims', { origin: result.claims })}</p>}
        </article>
      )
  }
}

/** What can be done with a receipt that is refused. */
const todoOf: Record<ReceiptStep, OwnKey> = {
  file: 'todo.file',
  notice: 'todo.wrong',
  signature: 'todo.wrong',
  answer: 'todo.wrong',
  unsigned: 'todo.unsigned',
  unseen: 'todo.unseen',
  erased: 'todo.erased',
  place: 'todo.wrong',
  log: 'todo.wrong',
  stranger: 'todo.stranger',
  witness: 'todo.wrong',
  history: 'todo.history',
  other: 'todo.wrong',
  trust: 'todo.stranger',
}

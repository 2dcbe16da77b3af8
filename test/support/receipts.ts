import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  emptyTree,
  openConsentLog,
  recordHeader,
  requestTerms,
  shownNotice,
  type ConsentLog,
  type CoreRecord,
  type RecordOf,
  type StatementKey,
} from '#audit'
import {
  hashOf,
  sha256,
  type Alg,
  type ReceiptTexts,
  type RequestClaims,
} from '#audit/verify'
import { newId, type Notice } from '#protocol'
import { formatVerifierKey } from '../../src/audit/verifier-key.ts'
import { logOptions } from './log-files.ts'
import { noticeOf } from './notice-text.ts'
import { asked, newStatementKey, PersonKey, Signer } from './person-key.ts'

type Event = RecordOf<'decision'>['event']
type Answer = {
  readonly decision: Event['state']
  readonly cause?: Event['cause']
  /** A server's own word has no signature. */
  readonly isSigned?: boolean
  readonly alg?: Alg
  /** The server says that the token with this hash names the key. */
  readonly tokenSha256?: string
  /** How far the person's clock is behind the server's. */
  readonly behindMs?: number
}

/** What is otherwise than an honest server would have it: what the notice says, what it signs, which request it logs. */
type Twist = {
  readonly notice?: Partial<Notice>
  readonly signs?: Partial<RequestClaims>
  readonly requestId?: string
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'assent-receipts-'))

/** When the first decision of a log is made; the others follow. */
export const decidedAt = Date.UTC(2026, 9, 14, 10, 29, 41)

/** A real log with decisions in it, each by a person and under a notice of its own, and their receipts. */
export class ReceiptScene implements AsyncDisposable {
  readonly log: ConsentLog
  readonly #dir: string
  readonly #statements: StatementKey
  #count = 0

  /** `origin`: what the log is called. It lies in a folder of its own. */
  static async open(origin?: string): Promise<ReceiptScene> {
    return ReceiptScene.#in(await newFolder(), origin)
  }

  /** What an operator keeps who shows others another history: by the same name, signed with the same key. */
  async second(): Promise<ReceiptScene> {
    const dir = await newFolder()
    await copyFile(logOptions(this.#dir).keyFile, logOptions(dir).keyFile)
    return ReceiptScene.#in(dir, this.log.origin)
  }

  static async #in(dir: string, origin?: string): Promise<ReceiptScene> {
    const statements = newStatementKey()
    const options = { ...logOptions(dir, statements), ...(origin !== undefined && { origin }) }
    const log = await openConsentLog({
      ...options,
      onFailed: (cause) => {
        throw cause
      },
    })
    return new ReceiptScene(dir, log, statements)
  }

  private constructor(dir: string, log: ConsentLog, statements: StatementKey) {
    this.#dir = dir
    this.log = log
    this.#statements = statements
  }

  /** Someone called Tomas is asked, answers, and the log has both. */
  async answered(answer: Answer, twist: Twist = {}): Promise<Answered> {
    const person = newId.person()
    const notice = { ...noticeOf(newId.request()), ...twist.notice }
    const text = JSON.stringify(notice)
    const time = decidedAt + 60_000 * this.#count++
    const request = {
      ...requestOf(notice, text, person, time - 10_000),
      ...(twist.requestId !== undefined && { requestId: twist.requestId }),
    }
    await this.#write(request, { notice: text, subject: { name: 'Tomas' } })
    const signer = new Signer(
      this.#statements,
      { sid: notice.session.id, sub: person },
      answer.alg,
      answer.tokenSha256,
    )
    const seconds = Math.floor((time - (answer.behindMs ?? 0)) / 1000)
    const signed =
      (answer.isSigned ?? true)
        ? signer.decide(
            { ...asked(request, this.log), session: notice.session, ...twist.signs },
            answer.decision,
            { iat: seconds },
          )
        : undefined
    const index = await this.#write(decisionOf(request, answer, time), {
      signed,
      subject: { name: 'Tomas' },
    })
    return { index, session: notice.session.id, person, notice, text, jkt: signer.key.jkt }
  }

  /** As the log stands now. */
  receipt(index: number): Promise<ReceiptTexts> {
    return receiptOf(this.log, index)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log[Symbol.asyncDispose]()
    await rm(this.#dir, { recursive: true })
  }

  async #write(
    core: CoreRecord,
    rest: Omit<Parameters<ConsentLog['append']>[0], 'key' | 'core'>,
  ): Promise<number> {
    return (await this.log.append({ key: core.recordId, core, ...rest })).index
  }
}

/** What the log hands out of an entry. */
export async function receiptOf(log: ConsentLog, index: number): Promise<ReceiptTexts> {
  const answer = await log.ask({ what: 'receipts', indexes: [index], seen: emptyTree })
  const receipt = answer?.receipts[0]
  if (!receipt) throw new Error('nothing is left of this entry')
  return receipt
}

/** A policy that asks for the word of a witness who has seen nothing. */
export function pendingPolicy(vkey: string): string {
  const key = Buffer.from(new PersonKey().jwk.x, 'base64url')
  const witness = formatVerifierKey(sha256, 'witness.example/w1', key, 'cosignature')
  return `log ${vkey}\nwitness w1 ${witness}\nquorum w1\n`
}

type Answered = {
  readonly index: number
  readonly session: string
  readonly person: string
  readonly notice: Notice
  readonly text: string
  readonly jkt: string
}

/** `entity`: who asks. */
export const requestOf = (
  notice: Notice,
  text: string,
  person: string,
  time: number,
  entity = 'person_host',
): RecordOf<'request'> => ({
  ...recordHeader('request', notice.session.id),
  event: { state: 'requested', time, entity, validity: notice.validity },
  requestId: notice.requestId,
  subject: { ref: person },
  notice: shownNotice(notice, hashOf(sha256, text), null),
  policy: notice.policy,
  ...requestTerms(notice),
})

export function decisionOf(
  { session, requestId, subject, notice, event: { validity: asked } }: RecordOf<'request'>,
  { decision, cause = 'click' }: Answer,
  time: number,
): RecordOf<'decision'> {
  const validity = { from: time, until: asked.until }
  return {
    ...recordHeader('decision', session.id),
    event: { state: decision, time, cause, ...(decision === 'given' && { validity }) },
    requestId,
    subject,
    noticeSha256: notice.sha256,
    present: [subject.ref],
  } as RecordOf<'decision'>
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  emptyTree,
  openConsentLog,
  recordHeader,
  requestTerms,
  shownNotice,
  treeOf,
  thumbprintOf,
  verifyDecision,
  type ConsentLog,
  type CoreRecord,
  type StatementKey,
} from '#audit'
import {
  CallError,
  Notice,
  type ConsentView,
  type LogKeys,
  type Params,
  type PersonId,
  type RequestId,
  type Result,
  type SessionId,
} from '#protocol'
import { logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'

type Asked = Extract<ConsentView, { state: 'asked' }>

/** The server's side of evidence, for one page: a real log, the key that signs requests, and what the page bound. */
export class SceneLog {
  readonly keys: LogKeys
  readonly #dir: string
  readonly #log: ConsentLog
  readonly #statements: StatementKey
  readonly #session: SessionId
  readonly #person: PersonId
  readonly #requests = new Map<RequestId, string>()
  #bound = Promise.withResolvers<Params<'session.bind'>>()

  static async open(session: SessionId, person: PersonId): Promise<SceneLog> {
    const dir = await mkdtemp(join(tmpdir(), 'assent-scene-'))
    const statements = newStatementKey()
    const onFailed = (cause: Error): never => {
      throw cause
    }
    const log = await openConsentLog({ ...logOptions(dir, statements), onFailed })
    return new SceneLog(dir, log, statements, session, person)
  }

  private constructor(
    dir: string,
    log: ConsentLog,
    statements: StatementKey,
    session: SessionId,
    person: PersonId,
  ) {
    this.#dir = dir
    this.#log = log
    this.#statements = statements
    this.#session = session
    this.#person = person
    this.keys = { origin: log.origin, vkey: log.vkey, statementJwk: statements.jwk }
  }

  /** A new page has come, which has bound nothing. */
  forget(): void {
    this.#bound = Promise.withResolvers()
  }

  readonly bind = async (params: Params<'session.bind'>): Promise<Result<'session.bind'>> => {
    const consistency = await this.#log.ask({ what: 'consistency', seen: params.seen })
    if (consistency === null) throw new CallError('LOG_DIFFERS', 'seen: never so')
    this.#bound.resolve(params)
    return { consistency }
  }

  /** Asks this page, once it has bound its key: writes it down, and signs the request. */
  async ask(consent: Asked): Promise<string> {
    const { jwk } = await this.#bound.promise
    const notice = Notice.parse(JSON.parse(consent.notice))
    const { validity } = notice
    const about = {
      requestId: consent.requestId,
      subject: { ref: this.#person },
      notice: shownNotice(notice, consent.noticeSha256, null),
      policy: consent.policy,
      ...requestTerms(notice),
    }
    const event = { state: 'requested' as const, time: 1000, entity: this.#person, validity }
    await this.#log.append({
      key: `request/${consent.requestId}`,
      core: { ...recordHeader('request', this.#session), event, ...about },
      notice: consent.notice,
    })
    const jws = this.#statements.signRequest({
      v: 1,
      schema: 'assent:consent-record:1',
      jkt: thumbprintOf(jwk),
      nonce: 'A'.repeat(43),
      iat: 1000,
      exp: 2000,
      origin: this.keys.origin,
      checkpoint: treeOf(this.#log.checkpoint),
      session: { id: this.#session, startedAt: 0 },
      validity,
      ...about,
    })
    this.#requests.set(consent.requestId, jws)
    return jws
  }

  /** Writes down what the page decided, and hands out its receipt. */
  async decide(answer: Params<'consent.decide'>): Promise<Result<'consent.decide'>> {
    const { requestId, noticeSha256, decision } = answer
    const { jwk, joinJws } = await this.#bound.promise
    const requestJws = this.#requests.get(requestId)
    const { decisionJws } = answer
    const signed =
      requestJws && decisionJws
        ? verifyDecision({ requestJws, decisionJws, jwk, joinJws }, this.#statements.jwk)
        : undefined
    const said = { time: 2000, cause: 'click' } as const
    const validity = { from: 2000, until: 'end-of-session' } as const
    const event = decision === 'given' ? { state: decision, validity } : { state: decision }
    const { index } = await this.#log.append({
      key: `decision/${signed?.read.decisionSha256 ?? requestId}`,
      core: {
        ...recordHeader('decision', this.#session),
        event: { ...event, ...said },
        requestId,
        subject: { ref: this.#person },
        noticeSha256,
        present: [this.#person],
      } as CoreRecord,
      signed,
    })
    const proofs = await this.#log.ask({ what: 'receipts', indexes: [index], seen: answer.seen ?? emptyTree })
    const [receipt] = proofs?.receipts ?? []
    if (!proofs || !receipt) throw new Error('the log cannot prove what it has just written')
    return { index, receipt, consistency: proofs.consistency }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log[Symbol.asyncDispose]()
    await rm(this.#dir, { recursive: true })
  }
}

import { mkdirSync } from 'node:fs'
import {
  openConsentLog,
  recordHeader,
  type ConsentLog,
  type CoreRecord,
  type Entry,
  type RecordOf,
  type StatementKey,
} from '#audit'
import { newId, type Notice } from '#protocol'
import { encoded } from '../../src/audit/encoded.ts'
import type { Arriving } from '../../src/audit/seal.ts'
import { logOptions } from './log-files.ts'
import { noticeOf } from './notice-text.ts'
import { asked, newStatementKey, Signer } from './person-key.ts'
import { decisionOf, requestOf } from './receipts.ts'

/** When the first call of a log begins, in ms epoch; each later one begins a day after. */
const firstCallAt = Date.UTC(2026, 9, 14, 10)
const dayMs = 86_400_000
export const issuer = 'https://id.example'

export type Person = { readonly name: string; readonly account: string }
/** One person of one call; `yes` is where their decision stands in the log. */
export type Party = Person & {
  readonly ref: string
  readonly signer: Signer
  readonly request: RecordOf<'request'>
  readonly yes: number
}
/** A call in which everyone agreed and was recorded. The first of its parties asked; the last one withdrew, if anyone. */
export type Call = {
  readonly session: string
  readonly requestId: string
  readonly notice: Notice
  readonly text: string
  readonly parties: readonly Party[]
  /** From when to when everyone was recorded, in ms epoch. */
  readonly recorded: { readonly from: number; readonly to: number }
  readonly withdrawal: number | undefined
}
type Twist = {
  readonly withdraws?: boolean
  /** What the notice says, and people sign, otherwise. */
  readonly notice?: Partial<Notice>
  /** What the records of the requests say otherwise than was signed; the gate says it after them. */
  readonly logs?: (request: RecordOf<'request'>) => RecordOf<'request'>
  /** For how long whoever did not withdraw is recorded on. */
  readonly goesOnMs?: number
}

/** A real log with real calls in it, every decision signed by who made it. `dir` is the server's disk: keys and all. */
export class CallLog implements AsyncDisposable {
  readonly dir: string
  readonly statements: StatementKey
  readonly log: ConsentLog
  /** Every entry as it went to the log's thread, by index. */
  readonly arrivals: Arriving[] = []
  #calls = 0

  static async open(dir: string): Promise<CallLog> {
    mkdirSync(dir, { recursive: true })
    const statements = newStatementKey()
    return new CallLog(dir, statements, await openLog(dir, statements))
  }

  private constructor(dir: string, statements: StatementKey, log: ConsentLog) {
    this.dir = dir
    this.statements = statements
    this.log = log
  }

  async call(people: readonly Person[], twist: Twist = {}): Promise<Call> {
    const { withdraws = false, logs = (request) => request, goesOnMs = 0 } = twist
    const startedAt = firstCallAt + dayMs * this.#calls++
    const session = newId.session()
    const refs = people.map(() => newId.person())
    const notice: Notice = {
      ...noticeOf(newId.request()),
      session: { id: session, startedAt },
      askedBy: { name: people[0]!.name, at: startedAt + 1000 },
      ...twist.notice,
    }
    const { requestId } = notice
    const text = JSON.stringify(notice)
    const subjectOf = ({ name, account }: Person) => ({
      name,
      account,
      auth: { method: 'token', issuer, time: startedAt },
    })
    await this.append('open', {
      ...recordHeader('session-open', session),
      event: { state: 'opened', time: startedAt },
    })
    const asks = refs.map((ref) => requestOf(notice, text, ref, startedAt + 1000, refs[0]))
    for (const [i, request] of asks.entries())
      await this.append(
        'request',
        logs(request),
        { notice: text, subject: subjectOf(people[i]!) },
      )
    const parties: Party[] = []
    for (const [i, request] of asks.entries()) {
      const ref = refs[i]!
      const signer = new Signer(this.statements, { sid: session, sub: ref })
      const yes = await this.append('given', decisionOf(request, { decision: 'given' }, startedAt + 5000), {
        subject: subjectOf(people[i]!),
        signed: this.sign(signer, notice, request, 'given'),
      })
      parties.push({ ...people[i]!, ref, signer, request, yes })
    }
    const recorded = { from: startedAt + 10_000, to: startedAt + 60_000 }
    const run = { requestId, recordingId: requestId }
    await this.append('gate', {
      ...recordHeader('gate-open', session),
      event: { state: 'opened', time: recorded.from },
      requestId,
      policy: logs(asks[0]!).policy,
      decisions: parties.map(({ yes }) => [this.log.origin, yes] as const),
      present: refs,
    })
    await this.append('started', {
      ...recordHeader('effect-started', session),
      event: { state: 'started', time: recorded.from },
      ...run,
      tracks: refs.map((ref) => ({ subject: { ref }, source: 'microphone' })),
    })
    const leaver = withdraws ? parties.at(-1) : undefined
    const withdrawal =
      leaver && (await this.append('withdrawn', ...this.withdrawalOf(notice, leaver, recorded.to)))
    const ended = recorded.to + goesOnMs
    await this.append('closed', {
      ...recordHeader('gate-closed', session),
      event: { state: 'closed', time: ended, cause: withdraws ? 'not-all' : 'stopped' },
      requestId,
    })
    await this.append('stopped', {
      ...recordHeader('effect-stopped', session),
      event: { state: 'stopped', time: ended },
      ...run,
      tracks: refs.map((ref) => ({
        subject: { ref },
        source: 'microphone',
        startedAt: recorded.from,
        stoppedAt: ref === leaver?.ref ? recorded.to : ended,
      })),
      mediaSha512: refs.map(() => 'b'.repeat(128)),
    })
    return { session, requestId, notice, text, parties, recorded, withdrawal }
  }

  /** Signed by the person, as the next of their decisions. */
  sign(
    signer: Signer,
    { session }: Notice,
    request: RecordOf<'request'>,
    decision: 'given' | 'refused' | 'withdrawn',
  ) {
    return signer.decide({ ...asked(request, this.log), session }, decision)
  }

  withdrawalOf(
    notice: Notice,
    { signer, request, name, account }: Party,
    time: number,
  ): [CoreRecord, Omit<Entry, 'key' | 'core'>] {
    const signed = this.sign(signer, notice, request, 'withdrawn')
    const core = decisionOf(request, { decision: 'withdrawn' }, time)
    const { prev } = signed.read.decision
    const subject = { name, account, auth: { method: 'token', issuer, time } }
    return [{ ...core, ...(prev !== null && { prev }) } as CoreRecord, { signed, subject }]
  }

  async append(
    what: string,
    core: CoreRecord,
    rest: Omit<Entry, 'key' | 'core'> = {},
  ): Promise<number> {
    const entry = { key: `${what} ${core.recordId}`, core, ...rest }
    const { index } = await this.log.append(entry)
    this.arrivals[index] = encoded(entry, Date.now())
    return index
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log[Symbol.asyncDispose]()
  }
}

/** The log that lies there, opened as a server would at its next start; a new one where there is none. */
export const openLog = (dir: string, statements?: StatementKey): Promise<ConsentLog> =>
  openConsentLog({
    ...logOptions(dir, statements),
    onFailed: (cause) => {
      throw cause
    },
  })

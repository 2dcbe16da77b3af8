import {
  recordHeader,
  requestTerms,
  shownNotice,
  type ConsentLog,
  type Entry,
  type StatementKey,
} from '#audit'
import { hashOf, sha256 } from '#audit/verify'
import type { RequestId, SessionId } from '#protocol'
import { noticeOf } from '../support/notice-text.ts'
import { SignedStory } from '../support/signed-story.ts'

/**
 * What the keys of one round stand for, three by three: a call begins, somebody is asked, and says yes with a key of
 * their own. Whoever repeats a key tells of the same act, with another id, time and signature. Keys come in their order.
 */
export class Acts {
  readonly #story: SignedStory

  constructor(statements: StatementKey, log: Pick<ConsentLog, 'origin' | 'checkpoint'>) {
    this.#story = new SignedStory(statements, log)
  }

  entryOf(key: string): Entry {
    const { round, number } = placeOf(key)
    const step = number % 3
    const call = `${round}-${number - step}`
    if (step === 0) return opened(key)
    const [request, text] = requested(call)
    const { requestId, subject, notice } = request
    if (step === 1) {
      const name = `Tomas of ${call}`
      return { ...this.#story.entry(key, request), notice: text, subject: { name } }
    }
    const time = Date.now()
    const validity = { from: time, until: 'end-of-session' } as const
    return this.#story.entry(key, {
      ...recordHeader('decision', call),
      event: { state: 'given', time, cause: 'click', validity },
      requestId,
      subject,
      noticeSha256: notice.sha256,
      present: [subject.ref],
    })
  }
}

/** A decision by somebody whose keys the vault has already, so that it costs no fsync but those of vault and tree. */
export const isDecision = (key: string): boolean => placeOf(key).number % 3 === 2

/** Keys without a number tell only of a call that begins. */
function placeOf(key: string): { round: string; number: number } {
  const [, round = key, number = '0'] = /^(.*)-(\d+)$/.exec(key) ?? []
  return { round, number: Number(number) }
}

const opened = (key: string): Entry => ({
  key,
  core: { ...recordHeader('session-open', key), event: { state: 'opened', time: Date.now() } },
})

function requested(call: string) {
  const notice = { ...noticeOf(`run.${call}` as RequestId), session: { id: call as SessionId, startedAt: 1 } }
  const text = JSON.stringify(notice)
  const { requestId, policy, validity } = notice
  const core = {
    ...recordHeader('request', call),
    event: { state: 'requested', time: Date.now(), entity: `host.${call}`, validity },
    requestId,
    subject: { ref: `person.${call}` },
    notice: shownNotice(notice, hashOf(sha256, text), null),
    policy,
    ...requestTerms(notice),
  } as const
  return [core, text] as const
}

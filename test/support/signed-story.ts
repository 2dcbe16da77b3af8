import type { ConsentLog, CoreRecord, Entry, RecordOf, StatementKey } from '#audit'
import type { Alg } from '#audit/verify'
import { asked, Signer } from './person-key.ts'

/**
 * Turns the records of a story into entries as a server would write them: each person has a key of their own and signs
 * what the story says they decided. Entries must come in the order of the story.
 */
export class SignedStory {
  readonly #statements: StatementKey
  readonly #log: Pick<ConsentLog, 'origin' | 'checkpoint'>
  readonly #alg: Alg
  readonly #signers = new Map<string, Signer>()
  readonly #requests = new Map<string, RecordOf<'request'>>()

  constructor(
    statements: StatementKey,
    log: Pick<ConsentLog, 'origin' | 'checkpoint'>,
    alg: Alg = 'Ed25519',
  ) {
    this.#statements = statements
    this.#log = log
    this.#alg = alg
  }

  /** What only the server attests stays as it is: silence, and what nobody was asked. */
  entry(key: string, core: CoreRecord): Entry {
    if (core.type === 'request') this.#requests.set(this.#placeOf(core), core)
    if (core.type !== 'decision') return { key, core }
    const { event, subject, session } = core
    const request = this.#requests.get(this.#placeOf(core))
    if (request === undefined || event.cause !== 'click') return { key, core }
    const place = `${session.id} ${subject.ref}`
    const about = { sid: session.id, sub: subject.ref }
    const signer = this.#signers.get(place) ?? new Signer(this.#statements, about, this.#alg)
    this.#signers.set(place, signer)
    const signed = signer.decide(asked(request, this.#log), event.state, {
      noticeSha256: core.noticeSha256,
    })
    const { prev } = signed.read.decision
    return { key, core: prev === null ? core : { ...core, prev }, signed }
  }

  #placeOf(core: RecordOf<'request'> | RecordOf<'decision'>): string {
    return `${core.session.id} ${core.requestId} ${core.subject.ref}`
  }
}

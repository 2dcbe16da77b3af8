import { sessionOf } from './entry.ts'
import type { GrammarCode, GrammarFinding } from './findings.ts'
import type { Opened } from './interrupted.ts'
import { judgeMedia } from './media-rule.ts'
import type { CoreRecord, ServerRecord, SessionRecord } from './records.ts'
import { readRun } from './run-rules.ts'
import { openGate, type Run, type Stretch } from './run.ts'

type Session = { readonly endedAt: number | undefined; readonly requests: Set<string> }

/**
 * Whether the records tell a story in which nobody was recorded without their yes. Order and reference as they are read,
 * recorded media against everyone's standing at the end. Entries must come in the order of the log.
 */
export function checkGrammar(
  entries: Iterable<Opened>,
  origin: string,
  erased: ReadonlySet<number> = new Set(),
): GrammarFinding[] {
  const reader = new GrammarReader(origin, erased)
  const findings: GrammarFinding[] = []
  for (const entry of entries) findings.push(...reader.read(entry))
  return [...findings, ...reader.conclude()]
}

/** Owns the maps that grow with the log; each run and session in them is a value that `readRun` replaces. */
export class GrammarReader {
  readonly #origin: string
  readonly #erased: ReadonlySet<number>
  readonly #sessions = new Map<string, Session>()
  readonly #runs = new Map<string, Run>()
  readonly #recordings = new Set<string>()
  readonly #recordIds = new Set<string>()
  /** Erased yeses on which gates rest, by the request that they answered. */
  readonly #forgotten = new Map<number, string>()

  /** `erased`: entries of which nothing is left; a gate may rest on the yes of someone who was forgotten since. */
  constructor(origin: string, erased: ReadonlySet<number> = new Set()) {
    this.#origin = origin
    this.#erased = erased
  }

  /** How many yeses gates rest on that nobody can show any more. */
  get forgotten(): number {
    return this.#forgotten.size
  }

  read({ index, core }: Opened): readonly GrammarFinding[] {
    const found = (code: GrammarCode, message: string): GrammarFinding => ({ code, index, message })
    const findings: GrammarFinding[] = []
    if (this.#recordIds.has(core.recordId))
      findings.push(found('record-id-repeated', 'repeats the id of an earlier record'))
    this.#recordIds.add(core.recordId)
    if (isServerRecord(core)) return findings
    findings.push(...this.#readSession(core, found))
    switch (core.type) {
      case 'session-open':
      case 'session-close':
      case 'hold':
        break
      case 'access':
      case 'destroyed':
        if (!this.#recordings.has(core.recordingId)) {
          findings.push(
            found('recording-unknown', 'speaks of a recording of which no start is written'),
          )
        }
        break
      default: {
        const { requestId } = core
        const [run, more] = readRun(this.#runs.get(requestId), index, core, {
          origin: this.#origin,
          isForgotten: (at) =>
            this.#erased.has(at) && (this.#forgotten.get(at) ?? requestId) === requestId,
        })
        if (run !== undefined) this.#runs.set(requestId, run)
        for (const at of run?.forgotten.yeses ?? []) this.#forgotten.set(at, requestId)
        this.#sessions.get(core.session.id)?.requests.add(requestId)
        if (core.type === 'effect-started') this.#recordings.add(core.recordingId)
        findings.push(...more)
      }
    }
    return findings
  }

  /** What only the whole log can tell. */
  conclude(): GrammarFinding[] {
    return [...this.#runs.values()].flatMap((run) =>
      judgeMedia(run, this.#sessions.get(run.session)?.endedAt),
    )
  }

  /** The same of media that was found outside the log; undefined when no recording of this request was begun. */
  judge(requestId: string, stretches: readonly Stretch[]): readonly GrammarFinding[] | undefined {
    const run = this.#runs.get(requestId)
    if (run === undefined || run.recordings.length === 0) return undefined
    return judgeMedia({ ...run, stretches }, this.#sessions.get(run.session)?.endedAt)
  }

  #readSession(
    core: SessionRecord,
    found: (code: GrammarCode, message: string) => GrammarFinding,
  ): GrammarFinding[] {
    const session = this.#sessions.get(core.session.id)
    if (core.type === 'session-open') {
      if (session !== undefined)
        return [found('session-opened-twice', 'opens a session that was opened before')]
      this.#sessions.set(core.session.id, { endedAt: undefined, requests: new Set() })
      return []
    }
    if (session === undefined)
      return [found('session-not-open', 'belongs to a session that was never opened')]
    if (session.endedAt !== undefined && !mayFollowEnd(core))
      return [found('session-over', 'happens in a session that is over')]
    if (core.type !== 'session-close') return []
    this.#sessions.set(core.session.id, { ...session, endedAt: core.event.time })
    return this.#leftOpen(session, found)
  }

  #leftOpen(
    { requests }: Session,
    found: (code: GrammarCode, message: string) => GrammarFinding,
  ): GrammarFinding[] {
    return [...requests]
      .map((id) => this.#runs.get(id))
      .filter((run) => run !== undefined)
      .flatMap((run) => {
        const gate = openGate(run)
        const open =
          gate === undefined
            ? []
            : [
                found(
                  'gate-never-closed',
                  `ends a session with the gate of entry ${gate.index} open`,
                ),
              ]
        const running = run.recordings
          .filter(({ isRunning }) => isRunning)
          .map((one) =>
            found(
              'effect-never-stopped',
              `ends a session with the recording of entry ${one.index} running`,
            ),
          )
        return [...open, ...running]
      })
  }
}

const isServerRecord = (core: CoreRecord): core is ServerRecord => sessionOf(core) === null

/** What is done after the end: rights are used, files looked at, and stopping is written when it has happened. */
function mayFollowEnd(core: SessionRecord): boolean {
  switch (core.type) {
    case 'access':
    case 'destroyed':
    case 'hold':
    case 'gate-closed':
    case 'effect-stopped':
    case 'request-over':
      return true
    case 'decision':
      return core.event.state !== 'given'
    case 'session-open':
    case 'session-close':
    case 'request':
    case 'gate-open':
    case 'effect-started':
    case 'host-changed':
      return false
  }
}

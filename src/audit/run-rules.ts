import type { GrammarCode, GrammarFinding } from './findings.ts'
import type { RecordOf } from './records.ts'
import {
  gateAt,
  openGate,
  standingOf,
  type Gate,
  type Run,
  type RunRecord,
  type Standing,
} from './run.ts'

export type RunStep = readonly [next: Run | undefined, findings: readonly GrammarFinding[]]
/** `isForgotten`: nothing is left of this entry, and no gate of another request rests on it. */
type ThisLog = { readonly origin: string; readonly isForgotten: (index: number) => boolean }
type Read = (code: GrammarCode, message: string) => GrammarFinding

/**
 * One more record of a run: what is known after it, and what is wrong with it in its place. The order of the log decides
 * here; times, which run apart because stopping acts first and is written afterwards, are `media-rule.ts`.
 */
export function readRun(
  run: Run | undefined,
  index: number,
  core: RunRecord,
  log: ThisLog,
): RunStep {
  const found: Read = (code, message) => ({ code, index, message })
  if (run !== undefined && run.session !== core.session.id) {
    return [run, [found('session-differs', 'belongs to a request of another session')]]
  }
  switch (core.type) {
    case 'request':
      return request(run, index, core, found)
    case 'decision':
      return decision(run, index, core, found)
    case 'gate-open':
      return gateOpen(run, index, core, log, found)
    case 'effect-started':
      return effectStarted(run, index, core, found)
    case 'gate-closed':
      return gateClosed(run, core, found)
    case 'effect-stopped':
      return effectStopped(run, index, core, found)
    case 'host-changed':
    case 'request-over':
      if (run === undefined) return [run, [found('request-unknown', 'no such request was made')]]
      return [core.type === 'request-over' ? { ...run, isOver: true } : run, []]
  }
}

function request(
  run: Run | undefined,
  index: number,
  core: RecordOf<'request'>,
  found: Read,
): RunStep {
  const {
    requestId,
    session,
    policy,
    subject: { ref },
    notice: { sha256 },
  } = core
  const before: Run = run ?? {
    requestId,
    session: session.id,
    policy,
    notices: new Map(),
    standings: [],
    gates: [],
    recordings: [],
    stretches: [],
    isOver: false,
    forgotten: { yeses: new Set(), people: new Set() },
  }
  const findings: GrammarFinding[] = []
  if (before.isOver) findings.push(found('request-is-over', 'asks under a request that is over'))
  if (before.policy !== policy)
    findings.push(
      found('request-policy-differs', 'asks under another policy than the rest of its run'),
    )
  // Other bytes are another question; the same bytes again are pressure.
  if (before.notices.get(ref) === sha256)
    findings.push(found('request-repeated', 'asks the same person the same again'))
  const pending: Standing = { ref, index, time: core.event.time, is: 'pending', until: undefined }
  const notices = new Map(before.notices).set(ref, sha256)
  return [{ ...before, notices, standings: [...before.standings, pending] }, findings]
}

function decision(
  run: Run | undefined,
  index: number,
  core: RecordOf<'decision'>,
  found: Read,
): RunStep {
  const {
    subject: { ref },
    event,
    noticeSha256,
  } = core
  const before = run && standingOf(run, ref)
  if (run === undefined || before === undefined) {
    return [
      run,
      [found('decision-without-request', 'answers a request that was not put to this person')],
    ]
  }
  const findings: GrammarFinding[] = []
  if (run.notices.get(ref) !== noticeSha256) {
    findings.push(
      found('decision-notice-differs', 'answers another notice than the one that was shown'),
    )
  }
  if (!answers[before.is].includes(event.state)) {
    findings.push(
      found(
        'decision-out-of-order',
        `${event.state} cannot follow ${before.is} (entry ${before.index})`,
      ),
    )
  }
  const until = event.state === 'given' ? event.validity.until : undefined
  const standing: Standing = { ref, index, time: event.time, is: event.state, until }
  return [{ ...run, standings: [...run.standings, standing] }, findings]
}

/** Which answers may follow which standing. After a no, a person may still say yes on their own. */
const answers: Record<Standing['is'], readonly string[]> = {
  pending: ['given', 'refused'],
  given: ['withdrawn'],
  refused: ['given'],
  withdrawn: ['given'],
}

function gateOpen(
  run: Run | undefined,
  index: number,
  core: RecordOf<'gate-open'>,
  { origin, isForgotten }: ThisLog,
  found: Read,
): RunStep {
  if (run === undefined)
    return [run, [found('gate-without-request', 'opens a recording that nobody was asked about')]]
  const {
    event: { time },
    policy,
    decisions,
    present,
  } = core
  const findings: GrammarFinding[] = []
  if (run.isOver)
    findings.push(found('request-is-over', 'opens a gate under a request that is over'))
  if (policy !== run.policy)
    findings.push(found('gate-policy-differs', 'opens under another policy than people were told'))
  const covers: string[] = []
  const gone = new Set<number>()
  for (const [log, at] of decisions) {
    const judged = judgeYes(run, log === origin ? at : undefined, time)
    if (typeof judged === 'string') covers.push(judged)
    else if (log === origin && at < index && isForgotten(at)) gone.add(at)
    else findings.push(found(judged.code, `rests on entry ${at}, ${judged.why}`))
  }
  const forgotten = forgottenIn(run, gone, present)
  covers.push(...forgotten.here)
  const undecided =
    run.policy === 'everyone' ? present.filter((ref) => !covers.includes(ref)).length : 0
  if (undecided > 0)
    findings.push(
      found('gate-party-undecided', `opens although ${undecided} of those present had not agreed`),
    )
  // A newer gate takes the place of an open one: someone was added, and nothing else changed.
  const gates = run.gates.map(
    (gate): Gate => (gate.closedAt === undefined ? { ...gate, closedAt: time } : gate),
  )
  const gate: Gate = { index, openedAt: time, closedAt: undefined, covers, present }
  return [{ ...run, forgotten: forgotten.all, gates: [...gates, gate] }, findings]
}

/**
 * Of people who were forgotten since, nothing is left but their place among the present. One yes that is gone was that of
 * one person, in all gates of the run. Where each decides alone, that person may be any stranger at each gate.
 */
function forgottenIn(
  run: Run,
  gone: ReadonlySet<number>,
  present: readonly string[],
): { readonly here: readonly string[]; readonly all: Run['forgotten'] } {
  const { people } = run.forgotten
  const yeses = run.forgotten.yeses.union(gone)
  const strangers = present.filter((ref) => standingOf(run, ref) === undefined)
  const known = strangers.filter((ref) => people.has(ref))
  const others = strangers.filter((ref) => !people.has(ref)).slice(0, yeses.size - people.size)
  const here = (run.policy === 'everyone' ? [...known, ...others] : strangers).slice(0, gone.size)
  return { here, all: { yeses, people: people.union(new Set(here)) } }
}

/** The person whose yes this is, or why it is not one a gate can rest on. */
function judgeYes(
  run: Run,
  at: number | undefined,
  time: number,
): string | { code: GrammarCode; why: string } {
  if (at === undefined) return { code: 'gate-decision-foreign', why: 'which is in another log' }
  const yes = run.standings.find(({ index, is }) => index === at && is !== 'pending')
  if (yes === undefined)
    return { code: 'gate-decision-unknown', why: 'which is no earlier decision on this request' }
  if (yes.is !== 'given') return { code: 'gate-decision-not-given', why: `which says ${yes.is}` }
  const latest = standingOf(run, yes.ref)
  if (latest !== yes)
    return { code: 'gate-decision-stale', why: `which entry ${latest?.index} had replaced` }
  if (typeof yes.until === 'number' && yes.until <= time)
    return { code: 'gate-decision-expired', why: 'which had expired' }
  return yes.ref
}

function effectStarted(
  run: Run | undefined,
  index: number,
  core: RecordOf<'effect-started'>,
  found: Read,
): RunStep {
  const gate = run && gateAt(run, core.event.time)
  if (run === undefined || gate === undefined) {
    return [
      run && started(run, index, core.recordingId),
      [found('effect-without-gate', 'records although no gate was open')],
    ]
  }
  const uncovered = core.tracks.filter(({ subject }) => !gate.covers.includes(subject.ref)).length
  const findings =
    uncovered === 0
      ? []
      : [
          found(
            'effect-party-uncovered',
            `records ${uncovered} tracks of people whose yes the gate (entry ${gate.index}) does not name`,
          ),
        ]
  return [started(run, index, core.recordingId), findings]
}

function started(run: Run, index: number, id: string): Run {
  return {
    ...run,
    recordings: [...run.recordings.filter((one) => one.id !== id), { id, index, isRunning: true }],
  }
}

function gateClosed(run: Run | undefined, core: RecordOf<'gate-closed'>, found: Read): RunStep {
  const open = run && openGate(run)
  if (run === undefined || open === undefined)
    return [run, [found('gate-not-open', 'closes a gate that is not open')]]
  const closed = { ...open, closedAt: core.event.time }
  return [{ ...run, gates: run.gates.map((gate) => (gate === open ? closed : gate)) }, []]
}

function effectStopped(
  run: Run | undefined,
  index: number,
  core: RecordOf<'effect-stopped'>,
  found: Read,
): RunStep {
  const known = run?.recordings.some(({ id }) => id === core.recordingId) ?? false
  if (run === undefined || !known)
    return [run, [found('effect-not-started', 'ends a recording of which no start is written')]]
  const recordings = run.recordings.map((one) =>
    one.id === core.recordingId ? { ...one, isRunning: false } : one,
  )
  const tracks = 'tracks' in core ? core.tracks : []
  const stretches = tracks.map(({ subject, startedAt, stoppedAt }) => ({
    index,
    ref: subject.ref,
    startedAt,
    stoppedAt,
  }))
  return [{ ...run, recordings, stretches: [...run.stretches, ...stretches] }, []]
}

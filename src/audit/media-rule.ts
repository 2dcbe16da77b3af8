import type { GrammarCode, GrammarFinding } from './findings.ts'
import type { Gate, Run, Standing, Stretch } from './run.ts'

/**
 * How long media may go on after the moment that ended someone's consent. A withdrawal carries the time it was received
 * and the last packet is a little later; above this it was not stopped at once (rule L11).
 */
export const stopGraceMs = 250

/**
 * What was recorded, against where everyone stood at that time: every stretch inside a gate that covers its person, and
 * none while someone whose yes it needs was asked, had refused, had withdrawn or whose yes had expired. Read it when the
 * whole log is known, since a withdrawal may be written after the stretch it ends.
 */
export function judgeMedia(run: Run, sessionEndedAt: number | undefined): GrammarFinding[] {
  return run.stretches.flatMap((stretch) => {
    if (stretch.stoppedAt < stretch.startedAt) {
      return [found(stretch, 'media-inverted', 'ends media before it begins')]
    }
    const gaps = isInsideGates(run, stretch)
      ? []
      : [
          found(
            stretch,
            'media-outside-gate',
            'holds media from a time when no gate covered its person',
          ),
        ]
    return [...gaps, ...overlaps(run, stretch, sessionEndedAt)]
  })
}

/** Walks from gate to gate; a gate that replaces another begins where that one ends. */
function isInsideGates({ gates }: Run, { ref, startedAt, stoppedAt }: Stretch): boolean {
  let reached: number | undefined
  for (const { openedAt, closedAt = Infinity, covers } of gates) {
    const at = reached ?? startedAt
    if (covers.includes(ref) && openedAt <= at && at <= closedAt) reached = closedAt
  }
  return reached !== undefined && stoppedAt <= reached + stopGraceMs
}

function overlaps(
  run: Run,
  stretch: Stretch,
  sessionEndedAt: number | undefined,
): GrammarFinding[] {
  const asked = [...run.notices.keys()]
  return asked.flatMap((ref) => {
    const bad = lapses(run, ref, sessionEndedAt).find((lapse) =>
      windows(run, ref, stretch).some((window) => isOverlap(window, lapse)),
    )
    return bad === undefined ? [] : [found(stretch, bad.code, bad.message)]
  })
}

type Window = { readonly from: number; readonly to: number }
type Lapse = Window & { readonly code: GrammarCode; readonly message: string }

/** The parts of a stretch for which this person's yes was needed. */
function windows({ policy, gates, standings }: Run, ref: string, stretch: Stretch): Window[] {
  const whole = { from: stretch.startedAt, to: stretch.stoppedAt }
  if (ref === stretch.ref) return [whole]
  if (policy === 'each') return []
  const needs = ({ openedAt, closedAt = Infinity, present }: Gate): boolean =>
    present.includes(ref) ||
    standings.some(
      (one) =>
        one.ref === ref && one.is === 'pending' && one.time >= openedAt && one.time < closedAt,
    )
  return gates
    .filter(needs)
    .map(({ openedAt, closedAt = Infinity }) => ({
      from: Math.max(whole.from, openedAt),
      to: Math.min(whole.to, closedAt),
    }))
    .filter(({ from, to }) => from < to)
}

/** The times in which this person had been asked and their yes did not hold. */
function lapses({ standings }: Run, ref: string, sessionEndedAt: number | undefined): Lapse[] {
  const own = standings.filter((one) => one.ref === ref)
  return own.flatMap((standing, i): Lapse[] => {
    const to = own[i + 1]?.time ?? Infinity
    if (standing.is !== 'given')
      return [{ from: standing.time, to, ...reason(standing.is, standing.index) }]
    const until = standing.until === 'end-of-session' ? sessionEndedAt : standing.until
    if (until === undefined || until >= to) return []
    return [
      {
        from: until,
        to,
        code: 'media-after-expiry',
        message: `holds media from after a yes (entry ${standing.index}) had expired`,
      },
    ]
  })
}

function reason(
  is: Exclude<Standing['is'], 'given'>,
  index: number,
): { code: GrammarCode; message: string } {
  switch (is) {
    case 'pending':
      return {
        code: 'media-while-pending',
        message: `holds media from a time when someone (entry ${index}) had not yet answered`,
      }
    case 'refused':
      return {
        code: 'media-after-refusal',
        message: `holds media from after a no (entry ${index})`,
      }
    case 'withdrawn':
      return {
        code: 'media-after-withdrawal',
        message: `holds media from after a withdrawal (entry ${index})`,
      }
  }
}

/** Media that was running when the lapse began has the grace to stop; media that began within the lapse has none. */
function isOverlap(window: Window, lapse: Lapse): boolean {
  const until = Math.min(window.to, lapse.to)
  return window.from > lapse.from ? window.from < until : until - lapse.from > stopGraceMs
}

const found = ({ index }: Stretch, code: GrammarCode, message: string): GrammarFinding => ({
  code,
  index,
  message,
})

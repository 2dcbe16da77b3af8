import type { ErrorCode, Grants, ServerMessage, Snapshot } from '#protocol'
import { applied, viewOf } from './call-view.ts'
import { afterClose, codeOfClose, ended } from './errors.ts'
import {
  checkOf,
  consequences,
  entered,
  namesNotice,
  type Consequence,
  type NoticeBytes,
} from './session-effects.ts'
import type { CallView, Ended, EndedCode, KeyState, NoticeCheck } from './state.ts'

/**
 * One page's way into one call and back into it. Pure: no clock, no socket, no randomness.
 *
 *   connecting --snapshot--> joined --closed, number missing--> lost --snapshot--> joined
 *       |                      |                                  |
 *       +----- leave, a final code, nobody reached for 30 s ------+--> ended
 */
export type Session =
  | ({ readonly state: 'connecting' } & Reaching)
  | {
      readonly state: 'joined'
      /** Of the newest event that `call` holds. */
      readonly n: number
      readonly resume: string
      readonly canRefresh: boolean
      readonly call: CallView
    }
  | ({ readonly state: 'lost'; readonly call: CallView; readonly moved: boolean } & Reaching)
  | { readonly state: 'ended'; readonly call: CallView | null; readonly ended: Ended }

interface Reaching {
  readonly attempt:
    | { readonly phase: 'waiting'; readonly at: number }
    /** Events that overtook the snapshot wait in `early`. */
    | { readonly phase: 'trying'; readonly giveUpAt: number; readonly early: readonly Numbered[] }
  readonly tries: number
  readonly until: number
  readonly resume: string | null
  /** Whether a refused token can be replaced, once. */
  readonly refresh: 'impossible' | 'possible' | 'done'
}

export type Numbered = Extract<ServerMessage, { kind: 'event' }>

/** `chance` is random, 0 to 1, so that many pages do not come back in the same instant. */
export type Input =
  | { readonly type: 'event'; readonly event: Numbered }
  | { readonly type: 'closed'; readonly closeCode: number; readonly chance: number }
  /** The server answered the join with an error, or no fresh token could be had. */
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly chance: number }
  | { readonly type: 'renewed'; readonly grants: Grants; readonly expiresInMs: number }
  /** The page's key speaks for its person now, or cannot; `code` says why. */
  | { readonly type: 'bound'; readonly key: KeyState }
  | { readonly type: 'noticeChecked'; readonly bytes: NoticeBytes; readonly verdict: NoticeCheck }
  | { readonly type: 'online' }
  | { readonly type: 'leave' }
  | { readonly type: 'tick' }

export type Effect =
  /** `freshMedia`: this page has no media of the peer that it comes back as. */
  | {
      readonly type: 'open'
      readonly resume: string | null
      readonly freshMedia: boolean
      readonly freshToken: boolean
    }
  | { readonly type: 'close' }
  /** Says good-bye, then closes. */
  | { readonly type: 'sayLeave' }
  /** Finds out at once whether the connection still stands, and gives media a new path. */
  | { readonly type: 'probe' }
  | { readonly type: 'wakeAt'; readonly time: number }
  | { readonly type: 'keepResume'; readonly secret: string | null }
  | { readonly type: 'checkNotice'; readonly bytes: NoticeBytes }
  | Consequence

export type Step = readonly [next: Session, effects: readonly Effect[]]
type Trying = Extract<Reaching['attempt'], { phase: 'trying' }>
type Away = Extract<Session, { state: 'connecting' | 'lost' }>
type Joined = Extract<Session, { state: 'joined' }>

export const patienceMs = 30_000
export const attemptMs = 8_000
export const maxEarly = 1_000

/** The first step of all. `canRefresh`: a fresh token can be fetched. */
export function start(resume: string | null, canRefresh: boolean, now: number): Step {
  return tryNow(
    {
      state: 'connecting',
      attempt: { phase: 'waiting', at: now },
      tries: 0,
      until: now + patienceMs,
      resume,
      refresh: canRefresh ? 'possible' : 'impossible',
    },
    now,
  )
}

export function step(session: Session, input: Input, now: number): Step {
  switch (session.state) {
    case 'connecting':
    case 'lost':
      return whileAway(session, input, now)
    case 'joined':
      return whileJoined(session, input, now)
    case 'ended':
      return ignore(session)
  }
}

function whileAway(away: Away, input: Input, now: number): Step {
  if (input.type === 'leave') return end(away, 'LEFT')
  if (now >= away.until) return end(away, 'CONNECTION_LOST')
  const { attempt } = away
  switch (input.type) {
    case 'event':
      return attempt.phase === 'trying' ? takeEarly(away, attempt, input.event, now) : ignore(away)
    case 'closed':
      return attempt.phase === 'trying'
        ? failed(away, codeOfClose(input.closeCode), input.chance, now)
        : ignore(away)
    case 'refused':
      return attempt.phase === 'trying' ? failed(away, input.code, input.chance, now) : ignore(away)
    case 'bound':
      return ignore(away)
    case 'noticeChecked':
      return away.state === 'lost' ? judge(away, input.bytes, input.verdict) : ignore(away)
    case 'online':
      return tryNow(away, now)
    case 'tick':
      if (attempt.phase === 'waiting') return now >= attempt.at ? tryNow(away, now) : ignore(away)
      return now >= attempt.giveUpAt ? failed(away, null, 1, now) : ignore(away)
    case 'renewed':
      return ignore(away)
  }
}

function whileJoined(joined: Joined, input: Input, now: number): Step {
  switch (input.type) {
    case 'event':
      return takeEvent(joined, input.event, now)
    case 'closed':
      return lose(joined, codeOfClose(input.closeCode), input.chance, now)
    case 'renewed': {
      const call = { ...joined.call, grants: input.grants, tokenExpiresAt: now + input.expiresInMs }
      return [{ ...joined, call }, []]
    }
    case 'bound': {
      const call = { ...joined.call, key: input.key }
      return [{ ...joined, call }, checkOf(call)]
    }
    case 'noticeChecked':
      return judge(joined, input.bytes, input.verdict)
    case 'online':
      return [joined, [{ type: 'probe' }]]
    case 'leave':
      return end(joined, 'LEFT')
    case 'refused': // Came after the snapshot: the join has succeeded by the upgrade.
    case 'tick':
      return ignore(joined)
  }
}

function takeEarly(away: Away, attempt: Trying, event: Numbered, now: number): Step {
  if (event.event === 'session.joined')
    return enter(away, event.n, event.params.snapshot, attempt.early, now)
  if (attempt.early.length >= maxEarly) return failed(away, null, 1, now)
  return [{ ...away, attempt: { ...attempt, early: [...attempt.early, event] } }, []]
}

/** Into the call by its snapshot, then everything that had overtaken it. */
function enter(
  away: Away,
  n: number,
  snapshot: Snapshot,
  early: readonly Numbered[],
  now: number,
): Step {
  const previous = away.state === 'lost' ? away.call : null
  const call = viewOf(snapshot, previous, now)
  const canRefresh = away.refresh !== 'impossible'
  let session: Session = { state: 'joined', n, resume: snapshot.resume, canRefresh, call }
  const effects: Effect[] = [...entered(snapshot), ...checkOf(call)]
  for (const event of early) {
    const [next, more] = step(session, { type: 'event', event }, now)
    session = next
    effects.push(...more)
  }
  return [session, effects]
}

function takeEvent(joined: Joined, event: Numbered, now: number): Step {
  if (event.n <= joined.n) return ignore(joined)
  // A snapshot needs nothing that came before it; anything else must follow without a gap.
  if (event.event !== 'session.joined' && event.n > joined.n + 1) return lose(joined, null, 1, now)
  const resume = event.event === 'session.joined' ? event.params.snapshot.resume : joined.resume
  const call = applied(joined.call, event, now)
  const effects = [
    ...consequences(event),
    ...(call.consent === joined.call.consent ? [] : checkOf(call)),
  ]
  return [{ ...joined, n: event.n, resume, call }, effects]
}

function lose(joined: Joined, code: ErrorCode | null, chance: number, now: number): Step {
  const moved = code === 'SERVER_STOPPING' || joined.call.stoppingAt !== null
  return failed(
    {
      state: 'lost',
      call: joined.call,
      moved,
      attempt: { phase: 'trying', giveUpAt: now, early: [] },
      // A server that restarts needs seconds; to knock at once is of no use.
      tries: moved ? 3 : 0,
      until: now + patienceMs,
      resume: joined.resume,
      refresh: joined.canRefresh ? 'possible' : 'impossible',
    },
    code,
    chance,
    now,
  )
}

/** This try is over; `code` says why where the server did. */
function failed(away: Away, code: ErrorCode | null, chance: number, now: number): Step {
  if (
    code === 'RESUME_FAILED' &&
    (away.state === 'connecting' || away.moved) &&
    away.resume !== null
  ) {
    const [next, effects] = tryNow({ ...away, resume: null }, now)
    return [next, [{ type: 'keepResume', secret: null }, ...effects]]
  }
  switch (afterClose(code)) {
    case 'end':
      return end(away, code ?? 'CONNECTION_LOST')
    case 'retryWithFreshToken':
      return away.refresh === 'possible'
        ? tryNow(away, now, true)
        : end(away, code ?? 'TOKEN_EXPIRED')
    case 'retry': {
      const at = Math.min(now + backOffMs(away.tries, chance), away.until)
      const waiting: Session = { ...away, attempt: { phase: 'waiting', at }, tries: away.tries + 1 }
      return [waiting, [{ type: 'close' }, { type: 'wakeAt', time: at }]]
    }
  }
}

function tryNow(away: Away, now: number, refused = false): Step {
  const expired = away.state === 'lost' && away.call.tokenExpiresAt <= now
  const freshToken = away.refresh === 'possible' && (refused || expired)
  const freshMedia = away.state === 'connecting' && away.resume !== null
  const until = Math.min(now + attemptMs, away.until)
  return [
    {
      ...away,
      attempt: { phase: 'trying', giveUpAt: until, early: [] },
      refresh: freshToken ? 'done' : away.refresh,
    },
    [
      ...(away.attempt.phase === 'trying' ? [{ type: 'close' } as const] : []),
      { type: 'open', resume: away.resume, freshMedia, freshToken },
      { type: 'wakeAt', time: until },
    ],
  ]
}

function end(session: Exclude<Session, { state: 'ended' }>, code: EndedCode): Step {
  const call = session.state === 'connecting' ? null : session.call
  const goodBye: Effect =
    code === 'LEFT' && session.state === 'joined' ? { type: 'sayLeave' } : { type: 'close' }
  const effects: Effect[] = [goodBye, { type: 'keepResume', secret: null }, { type: 'endMedia' }]
  return [{ state: 'ended', call, ended: ended(code) }, effects]
}

/** A verdict that comes after the request has changed is about other bytes and judges nothing. */
function judge(
  session: Joined | Extract<Session, { state: 'lost' }>,
  bytes: NoticeBytes,
  verdict: NoticeCheck,
): Step {
  if (!namesNotice(session.call.consent, bytes)) return ignore(session)
  return [{ ...session, call: { ...session.call, notice: verdict } }, []]
}

/** From a quarter of a second to five, doubling; at least half of it, the rest by chance. */
const backOffMs = (tries: number, chance: number) =>
  Math.min(5_000, 250 * 2 ** tries) * (0.5 + chance / 2)

const ignore = (session: Session): Step => [session, []]

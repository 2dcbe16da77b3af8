import type { Entry } from '#audit'
import { permitFor, type Consent, type Effect, type Input } from '#consent'
import { CallError, type RequestId, type Sha256 } from '#protocol'
import type { DeskWorld } from './desk-world.ts'
import { finishedEntry, startedEntry, stoppedEntry } from './log-entries.ts'
import type { RoomRecorder } from './room-recorder.ts'

/** What the work of effects touches besides the room itself. */
export type Workshop = {
  readonly world: DeskWorld
  readonly recorder: RoomRecorder
  readonly consent: () => Consent
  readonly notice: () => { text: string; sha256: Sha256; readers: readonly string[] }
  readonly dispatch: (input: Input) => void
  /** Counts what is logged of this call, so that each act has a key of its own. */
  readonly nextAct: () => number
}

/** `input` goes back to the machine; `index` is where the last entry stands, if one was written. */
export type Done = { readonly input: Input | null; readonly index: number | null }

/**
 * The only switch that acts. It turns an effect into work for the room's mailbox. Entries are composed before that, so
 * that they tell the time of the act. `release` is not here: it never waits in a queue.
 */
export function workFor(
  effect: Exclude<Effect, { type: 'release' }>,
  entries: readonly Entry[],
  shop: Workshop,
): () => Promise<Done> {
  switch (effect.type) {
    case 'audit':
      return () => audit(effect, entries, shop)
    case 'show':
      return () => show(effect, shop)
    case 'capture':
      return () => capture(shop)
    case 'endInterval':
      return () => endInterval(shop)
    case 'finish':
      return () => finish(shop)
  }
}

/** What the machine hears when work failed. What could not be logged, for whatever reason, must not be acted upon. */
export function failureOf(effect: Effect, cause: unknown, requestId: RequestId): Input {
  const isLog =
    effect.type === 'audit' || (cause instanceof CallError && cause.code === 'LOG_UNAVAILABLE')
  return isLog ? { type: 'auditFailed' } : { type: 'recorderFailed', requestId }
}

const nothing: Done = { input: null, index: null }

async function audit(
  { requestId, event }: Extract<Effect, { type: 'audit' }>,
  entries: readonly Entry[],
  { world: { log } }: Workshop,
): Promise<Done> {
  const logged = await Promise.all(entries.map((entry) => log.append(entry)))
  const index = logged.at(-1)?.index ?? null
  switch (event.event) {
    case 'request':
      return { index, input: { type: 'requestLogged', requestId } }
    case 'decision': {
      if (event.decision !== 'given' || index === null) return { index, input: null }
      return {
        index,
        input: { type: 'yesLogged', person: event.person, requestId, yes: event.yes, index },
      }
    }
    case 'gateOpen':
      return {
        index,
        input: index === null ? null : { type: 'gateLogged', requestId, gate: event.gate, index },
      }
    case 'gateClosed':
    case 'hostChanged':
    case 'over':
      return { index, input: null }
  }
}

/** Not awaited: a page that never answers must not hold up the room. Its person is not recorded, that is all. */
async function show(
  { people, gate }: Extract<Effect, { type: 'show' }>,
  { world, consent, dispatch }: Workshop,
): Promise<Done> {
  const now = consent()
  if (now.state === 'recording') {
    world.show(people, now.run.requestId, (person) => dispatch({ type: 'shown', person, gate }))
  }
  return nothing
}

/** Level-triggered: whatever happened since it was asked for, the recorder gets what the state allows now. */
async function capture({ world, recorder, consent, notice, nextAct }: Workshop): Promise<Done> {
  const permit = permitFor(consent(), world.producers())
  if (permit === null) return nothing
  const added = recorder.missing(permit)
  try {
    await recorder.apply(permit, notice())
  } finally {
    // Also when it failed: some of it may have been recorded before that.
    if (added.length > 0)
      await world.log.append(startedEntry(world, permit.requestId, added, nextAct()))
  }
  // Something of them is kept from now on, which is theirs to know.
  if (added.length > 0) world.changed()
  return nothing
}

async function endInterval({ world, recorder, nextAct }: Workshop): Promise<Done> {
  const ended = await recorder.endInterval()
  if (ended !== null)
    await world.log.append(stoppedEntry(world, ended.requestId, ended.summary, nextAct()))
  return nothing
}

async function finish({ world, recorder }: Workshop): Promise<Done> {
  const finished = await recorder.finish()
  if (finished !== null)
    await world.log.append(finishedEntry(world, finished.requestId, finished.manifestSha256))
  return nothing
}

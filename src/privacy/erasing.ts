import type { OpenedEntry } from '#audit'
import type { Erased } from '#protocol'
import { evidenceEnd } from './about-me.ts'
import { askedFor, destroyPart } from './own-recordings.ts'
import type { OwnRef } from './rights-rows.ts'
import type { RightsWorld } from './rights-world.ts'

/** Those that may go, and those of calls that are kept as evidence for a claim (GDPR art. 17(3)(e)). */
export async function partedByHold(
  { log }: RightsWorld,
  refs: readonly OwnRef[],
): Promise<{ readonly free: OwnRef[]; readonly held: OwnRef[] }> {
  const holds = new Set(await log.ask({ what: 'hold', session: null }))
  return {
    free: refs.filter(({ session }) => !holds.has(session)),
    held: refs.filter(({ session }) => holds.has(session)),
  }
}

/** Destroys their parts of recordings. Resolves with how many tracks. Again: only what is left is done. */
export async function destroyParts(world: RightsWorld, refs: readonly OwnRef[]): Promise<number> {
  let tracks = 0
  for (const { person, session } of refs) {
    const own = await world.log.ask({ what: 'entries', refs: [person] })
    for (const recordingId of askedFor(own))
      tracks += await destroyPart(world, { person, session, recordingId }, 'erasure')
  }
  return tracks
}

/**
 * Erases who they were, and of calls in which nothing was recorded all that is about them, since nothing is left to be
 * proven by it; `isAll`: all everywhere. `held`: those whose call was put on hold meanwhile. Again: only what is left is
 * done.
 */
export async function eraseRefs(
  { log }: RightsWorld,
  refs: readonly OwnRef[],
  isAll: boolean,
): Promise<{ readonly held: OwnRef[]; readonly whole: number; readonly proof: Erased['stays'] }> {
  const whole: OwnRef[] = []
  const names: OwnRef[] = []
  const ends = new Map<OwnRef, number | null>()
  for (const ref of refs) {
    const all = await log.ask({ what: 'session', session: ref.session })
    if (isAll || provesNothing(all)) whole.push(ref)
    else {
      names.push(ref)
      ends.set(ref, evidenceEnd(all))
    }
  }
  const target = (some: readonly OwnRef[]) => ({ refs: some.map(({ person }) => person) })
  const erased = [
    await log.ask({ what: 'erase', target: target(whole), reason: 'on-request' }),
    await log.ask({ what: 'erase', target: target(names), reason: 'name-on-request' }),
  ]
  const held = new Set(erased.flatMap((one) => one.held))
  const isGone = ({ session }: OwnRef) => !held.has(session)
  return {
    held: refs.filter((ref) => !isGone(ref)),
    whole: whole.filter(isGone).length,
    proof: names
      .filter(isGone)
      .map((ref) => ({ session: ref.session, why: 'proof', until: ends.get(ref) ?? null })),
  }
}

/** A call that is over and in which nothing was ever recorded. */
const provesNothing = (all: readonly OpenedEntry[]): boolean =>
  all.some(({ core }) => core?.type === 'session-close') &&
  all.every(({ core }) => core?.type !== 'effect-started')

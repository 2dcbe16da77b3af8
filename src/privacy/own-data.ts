import type { OpenedEntry } from '#audit'
import type { Account } from '#auth'
import { CallError, PersonId, SessionId, type AboutMe, type RightsRequest } from '#protocol'
import { callOf, keptOf, recordingsOf, type CallFacts } from './about-me.ts'
import { askedFor, manifestOf } from './own-recordings.ts'
import type { OwnRef } from './rights-rows.ts'
import type { RightsWorld } from './rights-world.ts'

/** What rights.db says of a person. */
export type Settled = {
  readonly name: string | null
  readonly requests: readonly RightsRequest[]
  readonly neverRecorded: AboutMe['neverRecorded']
}

/** Everything that is held about one person. Throws LOG_UNAVAILABLE; NOT_FOUND for an issuer that is not configured. */
export async function ownData(world: RightsWorld, who: Account, settled: Settled): Promise<AboutMe> {
  const { controllerOf, logKeys, now } = world
  const controller = controllerOf(who.issuer)
  if (controller === undefined) throw noSuchIssuer()
  const facts = await callsOf(world, who)
  const calls = facts.map(callOf)
  const recordings = facts.flatMap(recordingsOf)
  const names = namesIn(facts)
  const settings = (settled.name === null ? 0 : 1) + (settled.neverRecorded === null ? 0 : 1)
  return {
    schema: 'assent/about-me/v1',
    composedAt: now(),
    account: { issuer: who.issuer, subject: who.subject.reveal() },
    controllers: [...controller.controllers],
    authority: controller.notice.authority,
    log: logKeys,
    names: { corrected: settled.name, kept: names },
    neverRecorded: settled.neverRecorded,
    calls,
    recordings,
    requests: [...settled.requests],
    kept: keptOf(calls, recordings, {
      requests: settled.requests.length,
      settings,
      names: names.length,
    }),
  }
}

/** Who this person was in each of their calls of which something is kept. */
export async function refsOf({ log }: RightsWorld, who: Account): Promise<(OwnRef & { since: number })[]> {
  const known = await log.ask({
    what: 'people',
    issuer: who.issuer,
    account: who.subject.reveal(),
  })
  return known.map(({ ref, session, sinceMs }) => ({
    person: PersonId.parse(ref),
    session: SessionId.parse(session),
    since: sinceMs,
  }))
}

export const noSuchIssuer = (): CallError =>
  new CallError('NOT_FOUND', 'issuer: none of that name is configured here')

/** Call by call, so that what is appended meanwhile never waits for all of a long life's questions. */
async function callsOf(world: RightsWorld, who: Account): Promise<CallFacts[]> {
  const { log, recordingsDir } = world
  const held = new Set(await log.ask({ what: 'hold', session: null }))
  const facts: CallFacts[] = []
  for (const { person, session, since } of await refsOf(world, who)) {
    const own = await log.ask({ what: 'entries', refs: [person] })
    const all = await log.ask({ what: 'session', session })
    const found = await Promise.all(askedFor(own).map((id) => manifestOf(recordingsDir, id)))
    const manifests = found.filter((manifest) => manifest !== null)
    facts.push({ person, session, since, isOnHold: held.has(session), own, all, manifests })
  }
  return facts
}

const namesIn = (facts: readonly CallFacts[]): string[] => [
  ...new Set(facts.flatMap(({ own }) => own.flatMap(nameIn))),
]

const nameIn = ({ subject }: OpenedEntry): string[] =>
  subject?.name === undefined ? [] : [subject.name]

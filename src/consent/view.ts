import type { ConsentView, PeerId, PersonId, Sha256, Standing } from '#protocol'
import { agreed, names, present, type Member } from './people.ts'
import type { Consent, Running } from './state.ts'
import { recordedUntil } from './stopping.ts'

/** What the machine does not know and a view needs. */
export type ViewFacts = {
  /** The bytes behind `run.noticeSha256`. */
  readonly notice: string
  readonly now: number
  /** The request to this very page, signed; null where nothing is to be decided, or the page has no key. */
  readonly request: string | null
  /** The viewer's last signed decision in this call. */
  readonly prev: Sha256 | null
  readonly pagesOf: (person: PersonId) => readonly PeerId[]
  readonly isHost: (person: PersonId) => boolean
  /** Something of them is in this recording. */
  readonly isKept: (person: PersonId) => boolean
}

type Asked = Exclude<Consent, { state: 'idle' | 'requesting' | 'ended' }>

/**
 * What one person may know. Nothing in it tells who said no: the count lags, `settling` looks like asking, and under
 * `everyone` people are in it or it is over.
 */
export function viewFor(consent: Consent, viewer: PersonId, facts: ViewFacts): ConsentView {
  switch (consent.state) {
    case 'idle':
    case 'requesting':
      return { state: 'idle' }
    case 'asking':
    case 'settling':
      return asked(consent, viewer, facts, consent.told.answered)
    case 'opening':
      return consent.resuming === null
        ? asked(consent, viewer, facts, consent.people.size)
        : { state: 'paused', ...running(consent, viewer, facts), cause: consent.resuming }
    case 'recording':
      return { state: 'recording', ...running(consent, viewer, facts) }
    case 'paused':
      return { state: 'paused', ...running(consent, viewer, facts), cause: consent.cause }
    case 'ended': {
      const {
        run: { requestId, noticeSha256, policy },
        outcome,
        recordedMs,
      } = consent
      const member = consent.people.get(viewer)
      if (member === undefined) return { state: 'idle' }
      return {
        state: 'ended',
        requestId,
        notice: facts.notice,
        noticeSha256,
        policy,
        outcome,
        elapsedMs: recordedMs,
        you: standingOf(member),
        yoursIsKept: facts.isKept(viewer),
      }
    }
  }
}

function asked(consent: Asked, viewer: PersonId, facts: ViewFacts, answered: number): ConsentView {
  return {
    state: 'asked',
    ...common(consent, viewer, facts),
    answered,
    total: consent.people.size,
    youAsked: consent.run.by === viewer,
  }
}

function running(consent: Running, viewer: PersonId, facts: ViewFacts) {
  const { run, people } = consent
  // Under `everyone` all or nobody is in it: a list of those who agreed would show who has not, one answer at a time.
  const inIt =
    run.policy === 'everyone'
      ? present(people)
      : agreed(people).filter(
          (entry) => consent.state !== 'recording' || names(consent.covered, entry),
        )
  return {
    ...common(consent, viewer, facts),
    elapsedMs: recordedUntil(consent, facts.now),
    inIt: inIt.flatMap(([person]) => [...facts.pagesOf(person)]),
    total: present(people).flatMap(([person]) => [...facts.pagesOf(person)]).length,
    youControl: run.by === viewer,
    youMayTakeOver:
      run.hostMayChange &&
      run.by !== viewer &&
      facts.isHost(viewer) &&
      people.get(viewer)?.standing.is === 'given',
    yoursIsKept: facts.isKept(viewer),
  }
}

function common({ run, people }: Asked, viewer: PersonId, facts: ViewFacts) {
  const { notice, now, request, prev, pagesOf } = facts
  const member = people.get(viewer)
  const standing = member?.standing
  return {
    requestId: run.requestId,
    notice,
    noticeSha256: run.noticeSha256,
    policy: run.policy,
    askedBy: pagesOf(run.by)[0] ?? null,
    you: standingOf(member),
    ...(request !== null && { request }),
    prev,
    ...(standing?.is === 'asked' && { leftMs: Math.max(0, Math.round(standing.until - now)) }),
    late: member?.late ?? false,
  }
}

const standingOf = (member: Member | undefined): Standing => member?.standing.is ?? 'refused'

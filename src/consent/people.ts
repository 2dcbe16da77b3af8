import type { Barred, PersonId } from '#protocol'

/** How a no came about. Only `click` is the person's own act; the others are what silence means. */
export type Cause = 'click' | 'timeout' | 'disconnect' | 'policy'

export type Standing =
  | { readonly is: 'asked'; readonly until: number }
  /** A yes on its way to the log. It counts once it is durable, so until then the person has not answered. */
  | { readonly is: 'answering'; readonly until: number }
  /** `index`: where the yes stands in the log. */
  | { readonly is: 'given'; readonly index: number }
  | { readonly is: 'refused'; readonly cause: Cause }
  | { readonly is: 'withdrawn' }
  | { readonly is: Barred }

/** `lost`: the connection broke and may come back. `left`: gone for good, by choice or after the grace. */
export type Presence = 'here' | 'lost' | 'left'

export type Member = {
  readonly standing: Standing
  readonly presence: Presence
  /** When every page of theirs had the recording mark on it (ms epoch); null while one has not. */
  readonly shownAt: number | null
  /** Counts their yeses to this request. One that was taken back while it was being logged is not the newest any more. */
  readonly yeses: number
  /** Came when the recording was already agreed upon. */
  readonly late: boolean
}

/** Everyone whom a request concerns, those who left included: a decision outlives a reconnect. */
export type People = ReadonlyMap<PersonId, Member>

/** The very same map when nothing changes, or when nobody of that name is in it. */
export function change(people: People, person: PersonId, part: Partial<Member>): People {
  const member = people.get(person)
  if (member === undefined) return people
  const same = (Object.keys(part) as (keyof Member)[]).every((key) => member[key] === part[key])
  return same ? people : new Map(people).set(person, { ...member, ...part })
}

export const newcomer = (barred: Barred | null, until: number, late: boolean): Member => ({
  standing: barred === null ? { is: 'asked', until } : { is: barred },
  presence: 'here',
  shownAt: null,
  yeses: 0,
  late,
})

/** Those who are in the call or may be back in it at any moment. */
export const present = (people: People): [PersonId, Member][] =>
  [...people].filter(([, { presence }]) => presence !== 'left')

export const isBarred = ({ standing }: Member): boolean =>
  standing.is === 'minor' || standing.is === 'restricted'

export const isOpen = ({ standing }: Member): boolean =>
  standing.is === 'asked' || standing.is === 'answering'

export type Agreed = [
  PersonId,
  Member & { readonly standing: { readonly is: 'given'; readonly index: number } },
]

/** Those whose yes is durable and who have not left. */
export const agreed = (people: People): Agreed[] =>
  present(people).filter((entry): entry is Agreed => entry[1].standing.is === 'given')

/** Whom a gate names, each with the place of the yes in the log that it rests on. */
export type Named = ReadonlyMap<PersonId, number>

/** A yes that was withdrawn and given anew is another yes: a gate that names the old one does not name it. */
export const names = (gate: Named, [person, { standing }]: Agreed): boolean =>
  gate.get(person) === standing.index

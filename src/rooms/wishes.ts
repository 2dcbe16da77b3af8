import type { Principal } from '#auth'

/** What a person has settled for all their calls. */
export type Wishes = {
  readonly neverRecorded: boolean
  /** The name that they had corrected; null where they never did. */
  readonly name: string | null
}

/**
 * Who the sign-in says it is stays so, as the person themself has corrected it: a page cannot choose another name. Where
 * the sign-in says nothing, what was typed at the door is the newest word.
 */
export const nameOf = (
  { name }: Principal,
  wishes: Wishes,
  typed: string | undefined,
): string =>
  (name === null ? (typed ?? wishes.name) : (wishes.name ?? name.reveal())) ?? 'Guest'

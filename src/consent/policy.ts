import type { Policy } from '#protocol'
import { isBarred, isOpen, type Member } from './people.ts'

/** What the answers so far amount to. `expired`: nobody said no, but somebody said nothing. */
export type Verdict = 'waiting' | 'agreed' | 'declined' | 'expired'

/**
 * Who must consent. `everyone`: one no ends it, and it waits for the last yes. `each`: it waits until all have answered
 * or run out of time, and goes on with those who agreed. Nobody at all is never an agreement.
 */
export function verdict(policy: Policy, members: readonly Member[]): Verdict {
  const isNo = (member: Member) =>
    isBarred(member) || member.standing.is === 'refused' || member.standing.is === 'withdrawn'
  const isSilence = ({ standing }: Member) =>
    standing.is === 'refused' && standing.cause === 'timeout'
  const given = members.filter(({ standing }) => standing.is === 'given').length
  const no = members.find(isNo)
  switch (policy) {
    case 'everyone':
      if (no !== undefined) return members.filter(isNo).every(isSilence) ? 'expired' : 'declined'
      if (members.some(isOpen)) return 'waiting'
      return given > 0 ? 'agreed' : 'declined'
    case 'each':
      if (members.some(isOpen)) return 'waiting'
      if (given > 0) return 'agreed'
      return members.filter(isNo).every(isSilence) && no !== undefined ? 'expired' : 'declined'
  }
}

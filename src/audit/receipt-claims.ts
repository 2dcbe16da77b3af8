import type { BareFacts } from './receipt-facts.ts'

/** What happened, in one word for the one sentence that a receipt says. `ruled`, `ended`: not by their own act. */
export type ReceiptSaid =
  | 'agreed'
  | 'declined'
  | 'silent'
  | 'left'
  | 'ruled'
  | 'withdrew'
  | 'ended'

/** What is proven: the notice to the letter, that this key answered, that it stands in the log. */
export type ReceiptClaim = 'shown' | 'person' | 'log'

/**
 * What is not proven, or on whose word alone it is: `serverWord` for all of it, a signature `unseen` in the file, `who` sat
 * there, that a `token` names the key, the `name`, what others did with their own `device`, what came `later`, `noNotice`
 * in it, no witness asked for or `pending`, two `clocks` apart.
 */
export type ReceiptLimit =
  | 'serverWord'
  | 'unseen'
  | 'who'
  | 'token'
  | 'name'
  | 'noNotice'
  | 'later'
  | 'device'
  | 'noWitness'
  | 'pending'
  | 'clocks'

export function saidIn({ decision, cause }: Pick<BareFacts, 'decision' | 'cause'>): ReceiptSaid {
  switch (decision) {
    case 'given':
      return 'agreed'
    case 'refused':
      return silences[cause]
    case 'withdrawn':
      return cause === 'click' ? 'withdrew' : 'ended'
  }
}

export const claimsOf = ({ notice, signer }: BareFacts): readonly ReceiptClaim[] => [
  ...(notice === null ? [] : (['shown'] as const)),
  ...(signer.by === 'person' ? (['person'] as const) : []),
  'log',
]

export function limitsOf(facts: BareFacts): readonly ReceiptLimit[] {
  const { signer, name, notice, quorum } = facts
  const all: readonly (readonly [ReceiptLimit, boolean])[] = [
    ['serverWord', signer.by === 'server'],
    ['unseen', signer.by === 'unseen'],
    ['who', signer.by === 'person'],
    ['token', signer.by === 'person' && signer.tokenSha256 !== null],
    ['name', name !== null],
    ['noNotice', notice === null],
    ['clocks', clocksApartMs(facts) > maxApartMs],
    ['pending', quorum === 'pending'],
    ['noWitness', quorum === 'none'],
    ['later', true],
    ['device', true],
  ]
  return all.filter(([, holds]) => holds).map(([limit]) => limit)
}

/** How far the person's clock and the server's are apart about the same act. */
export const clocksApartMs = ({ signer, time }: Pick<BareFacts, 'signer' | 'time'>): number =>
  signer.by === 'person' ? Math.abs(signer.signedMs - time) : 0

const silences = {
  click: 'declined',
  timeout: 'silent',
  disconnect: 'left',
  policy: 'ruled',
} as const

/** Clocks of people are often a minute off. */
const maxApartMs = 5 * 60_000

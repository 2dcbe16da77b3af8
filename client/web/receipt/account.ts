import type { ReceiptFacts, ReceiptStep } from '#sdk'
import { country, day, dayOf, exactMoment, exactTime, list } from '../language/format.ts'
import { recorded } from './recorded.ts'
import type { ReceiptKey, ReceiptWords } from './words.ts'

/** A receipt in the words of one language, ready to be drawn. */
export interface Account {
  /** What happened, in one sentence. */
  readonly said: string
  /** As the host wrote it. */
  readonly purpose: string | null
  readonly facts: readonly Fact[]
  readonly proves: readonly string[]
  readonly leaves: readonly string[]
  /** For who wants to look it up: hashes, names, and the notice to the letter. */
  readonly details: readonly Fact[]
}

export interface Fact {
  readonly term: string
  readonly lines: readonly string[]
  /** An id or a hash, in small print. */
  readonly code?: string | undefined
}

/** `own`: told to the person whose receipt it is; `any`: to whoever holds it. */
export type Whose = 'own' | 'any'

export function accountOf(facts: ReceiptFacts, words: ReceiptWords, whose: Whose): Account {
  const { t, locale } = words
  const { time, claims, limits, clocksApartMs } = facts
  const ofPerson = whose === 'any' ? theirs : yours
  const minutes = Math.round(clocksApartMs / 60_000)
  // Nobody needs to be told that their own name is not proven.
  const left = limits.filter((limit) => whose === 'any' || limit !== 'name')
  return {
    said: t(ofPerson.said[facts.said], {
      date: dayOf(time, locale),
      time: exactTime(time, locale),
    }),
    purpose: facts.asked?.purposes[0]?.text ?? null,
    facts: [
      ...(whose === 'any' ? personOf(facts, words) : []),
      ...askedOf(facts, words),
      ...signedOf(facts, words, ofPerson.key),
      {
        term: t('receipt.log'),
        lines: [t('receipt.log.value', { index: facts.index, size: facts.size })],
        code: facts.origin,
      },
      { term: t('receipt.times'), lines: timesOf(facts, words) },
    ],
    proves: [...claims.map((claim) => t(ofPerson.claims[claim])), t('receipt.proves.offline')],
    leaves: left.map((limit) => t(ofPerson.limits[limit], { minutes })),
    details: detailsOf(facts, words),
  }
}

/** Why a receipt is refused, to stand in the middle of a sentence. */
export const reasonOf: Record<ReceiptStep, ReceiptKey> = {
  file: 'receipt.refused.file',
  notice: 'receipt.refused.notice',
  signature: 'receipt.refused.signature',
  answer: 'receipt.refused.answer',
  unsigned: 'receipt.refused.unsigned',
  unseen: 'receipt.refused.unseen',
  erased: 'receipt.refused.erased',
  place: 'receipt.refused.place',
  log: 'receipt.refused.log',
  stranger: 'receipt.refused.stranger',
  witness: 'receipt.refused.witness',
  history: 'receipt.refused.history',
  other: 'receipt.refused.other',
  trust: 'receipt.refused.trust',
}

function personOf({ name }: ReceiptFacts, { t }: ReceiptWords): readonly Fact[] {
  return name === null
    ? []
    : [{ term: t('receipt.person'), lines: [t('receipt.person.value', { name })] }]
}

function askedOf({ asked, session }: ReceiptFacts, words: ReceiptWords): readonly Fact[] {
  const { t, locale } = words
  if (asked === null) return [{ term: t('receipt.call'), lines: [session] }]
  const named = (all: readonly { readonly name: string }[]) =>
    list(
      all.map(({ name }) => name),
      locale,
    )
  const controller = named(asked.controllers)
  const places = asked.storage.map(
    ({ location, country: code }) => `${location}, ${country(code, locale)}`,
  )
  return [
    {
      term: t('receipt.askedBy'),
      lines: [
        asked.askedBy === null
          ? controller
          : t('receipt.askedBy.value', { name: asked.askedBy, controller }),
      ],
    },
    {
      term: t('receipt.call'),
      lines: [t('receipt.call.value', { date: exactMoment(asked.sessionStartedMs, locale) })],
    },
    { term: t('notice.recorded'), lines: [recorded(asked.media, words)] },
    {
      term: t('notice.rule'),
      lines: [t(asked.policy === 'each' ? 'receipt.rule.each' : 'receipt.rule.everyone')],
    },
    {
      term: t('notice.kept'),
      lines: [
        t('notice.kept.value', {
          days: asked.retention.recordingDays,
          place: list(places, locale),
        }),
      ],
    },
    {
      term: t('notice.openedBy'),
      lines: [t('notice.openedBy.value', { readers: named(asked.recipients), controller })],
    },
    {
      term: t('notice.version'),
      lines: [
        t('notice.version.value', { version: asked.version, date: day(asked.date, locale) }),
      ],
    },
  ]
}

function signedOf(
  { signer }: ReceiptFacts,
  { t }: ReceiptWords,
  ownKey: ReceiptKey,
): readonly Fact[] {
  const term = t('receipt.signed')
  if (signer.by !== 'person') return [{ term, lines: [t(unsigned[signer.by])] }]
  const { jkt, tokenSha256 } = signer
  return [
    { term, lines: [t(ownKey)], code: `${signer.alg} ${jkt.slice(0, 4)}…${jkt.slice(-4)}` },
    {
      term: t('receipt.key'),
      lines: [t(tokenSha256 === null ? 'receipt.key.join' : 'receipt.key.token')],
    },
  ]
}

/** Between what it stands, each bound with on whose word. */
function timesOf(facts: ReceiptFacts, { t, locale }: ReceiptWords): readonly string[] {
  const at = (ms: number) => exactMoment(ms, locale)
  const { signer, time, afterSize, witnesses } = facts
  return [
    ...(signer.by === 'person' ? [t('receipt.times.person', { time: at(signer.signedMs) })] : []),
    t('receipt.times.server', { time: at(time) }),
    ...(afterSize === null ? [] : [t('receipt.times.after', { size: afterSize })]),
    ...witnesses.map(({ name, seenMs }) =>
      t('receipt.times.before', { name, time: at(seenMs) }),
    ),
  ]
}

function detailsOf(facts: ReceiptFacts, { t }: ReceiptWords): readonly Fact[] {
  const { signer, notice } = facts
  const all: readonly (readonly [ReceiptKey, string | null])[] = [
    ['receipt.detail.notice', facts.noticeSha256],
    ['receipt.detail.key', signer.by === 'person' ? signer.jkt : null],
    ['receipt.detail.token', signer.by === 'person' ? signer.tokenSha256 : null],
    ['receipt.detail.request', facts.requestId],
    ['receipt.detail.call', facts.session],
    ['receipt.detail.person', facts.person],
    ['receipt.detail.root', facts.root],
    ['receipt.detail.text', notice],
  ]
  return all.flatMap(([term, code]) => (code === null ? [] : [{ term: t(term), lines: [], code }]))
}

const unsigned = { server: 'receipt.signed.server', unseen: 'receipt.signed.unseen' } as const

const yours = {
  key: 'receipt.signed.you',
  said: {
    agreed: 'receipt.said.agreed',
    declined: 'receipt.said.declined',
    silent: 'receipt.said.silent',
    left: 'receipt.said.left',
    ruled: 'receipt.said.ruled',
    withdrew: 'receipt.said.withdrew',
    ended: 'receipt.said.ended',
  },
  claims: {
    shown: 'receipt.proves.shown',
    person: 'receipt.proves.you',
    log: 'receipt.proves.log',
  },
  limits: {
    serverWord: 'receipt.notProven.serverWord',
    unseen: 'receipt.notProven.unseen',
    who: 'receipt.notProven.who',
    token: 'receipt.notProven.token',
    name: 'receipt.notProven.name',
    noNotice: 'receipt.notProven.noNotice',
    later: 'receipt.notProven.later',
    device: 'receipt.notProven.device',
    noWitness: 'receipt.notProven.noWitness',
    pending: 'receipt.notProven.pending',
    clocks: 'receipt.notProven.clocks',
  },
} as const satisfies Telling

const theirs = {
  key: 'receipt.signed.they',
  said: {
    agreed: 'receipt.they.agreed',
    declined: 'receipt.they.declined',
    silent: 'receipt.they.silent',
    left: 'receipt.they.left',
    ruled: 'receipt.they.ruled',
    withdrew: 'receipt.they.withdrew',
    ended: 'receipt.they.ended',
  },
  claims: {
    shown: 'receipt.they.shown',
    person: 'receipt.they.signed',
    log: 'receipt.proves.log',
  },
  limits: {
    ...yours.limits,
    who: 'receipt.they.who',
    serverWord: 'receipt.they.serverWord',
    unseen: 'receipt.they.unseen',
  },
} as const satisfies Telling

/** Which texts tell it to whom. */
interface Telling {
  readonly key: ReceiptKey
  readonly said: Readonly<Record<ReceiptFacts['said'], ReceiptKey>>
  readonly claims: Readonly<Record<ReceiptFacts['claims'][number], ReceiptKey>>
  readonly limits: Readonly<Record<ReceiptFacts['limits'][number], ReceiptKey>>
}

import { stepOf, type ReceiptFacts } from '#audit/verify'
import { printable } from './command.ts'
import { limitTexts, reasons, said, todos } from './receipt-words.ts'
import type { Tried } from './verify-receipt.ts'

/** One receipt in full, for a reader who is no engineer. */
export function wholeReceipt(tried: Tried): string {
  const { file } = tried
  switch (tried.state) {
    case 'untried':
      return lines(`NOT CHECKED. ${tried.message}.`)
    case 'refused':
      return lines(
        file,
        '',
        `NOT VERIFIED. ${reasons[stepOf(tried.code)]}`,
        `  ${tried.message}  [${tried.code}]`,
        '',
        `What to do: ${todos[stepOf(tried.code)]}`,
      )
    case 'verified':
      return lines(file, '', `VERIFIED. ${sentence(tried.facts)}`, '', ...account(tried.facts))
  }
}

/** The same in one line, where there are several. */
export function oneLine(tried: Tried): string {
  switch (tried.state) {
    case 'untried':
      return lines(`not checked   ${tried.message}`)
    case 'refused':
      return lines(`NOT VERIFIED  ${tried.file}: ${tried.message}  [${tried.code}]`)
    case 'verified':
      return lines(`verified      ${tried.file}: ${sentence(tried.facts)}`)
  }
}

/** For programs: everything the text says, and more exactly. */
export const inJson = (all: readonly Tried[]) => ({
  verified: all.every(({ state }) => state === 'verified'),
  receipts: all.map((tried) => {
    if (tried.state === 'refused') return { ...tried, todo: todos[stepOf(tried.code)] }
    if (tried.state === 'untried') return tried
    const { file, state, facts } = tried
    return { file, state, says: sentence(facts), facts, notProven: limits(facts) }
  }),
})

function account(facts: ReceiptFacts): string[] {
  const { asked, signer, notice } = facts
  return [
    'What it proves',
    ...(asked === null ? [] : askedLines(asked)),
    `  Notice      ${notice === null ? 'by its hash alone' : 'in full'}, SHA-256 ${facts.noticeSha256}`,
    `  Answer      ${facts.decision} (${facts.cause}), to the request ${facts.requestId}`,
    `  Call        ${facts.session}${asked === null ? '' : `, begun ${iso(asked.sessionStartedMs)}`}`,
    `  Person      ${facts.person}${facts.name === null ? '' : `, called “${facts.name}” by the server`}`,
    `  In the log  entry ${facts.index} of ${facts.size} of ${facts.origin}`,
    `              under the root ${facts.root}`,
    '',
    'On whose word',
    ...signerLines(signer),
    `  The log     signed the tree with its key; ${witnessed(facts)}`,
    '',
    'Between which times',
    ...(signer.by === 'person' ? [`  ${iso(signer.signedMs)}  the person’s own clock`] : []),
    `  ${iso(facts.time)}  the server’s clock`,
    ...(facts.afterSize === null
      ? []
      : [`  after the log had ${facts.afterSize} of its entries`]),
    ...facts.witnesses.map(({ name, seenMs }) => `  before ${iso(seenMs)}, when ${name} saw it`),
    '',
    'What it does not prove',
    ...limits(facts).map((limit) => `  - ${limit}`),
  ]
}

function signerLines(signer: ReceiptFacts['signer']): readonly string[] {
  switch (signer.by) {
    case 'server':
      return ['  Signed by   nobody: the server alone attests it']
    case 'unseen':
      return ['  Signed by   unknown: a signature may exist, this file holds only its digest']
    case 'person':
      return [
        `  Signed by   the person’s own key (${signer.alg}), thumbprint ${signer.jkt}`,
        signer.tokenSha256 === null
          ? '  The key     says itself that it joined this call; whose sign-in it came with is the server’s word'
          : `  The key     is named by a token, the server says; whoever has that can check: SHA-256 ${signer.tokenSha256}`,
      ]
  }
}

function askedLines(asked: NonNullable<ReceiptFacts['asked']>): readonly string[] {
  const { askedBy, media, policy, retention, storage } = asked
  const kinds = [media.audio && 'sound', media.video && 'cameras', media.screen && 'screens']
  const places = storage.map(({ location, country }) => `${location}, ${country}`)
  const rule = policy === 'everyone' ? 'only if everyone agrees' : 'of those who agree'
  return [
    `  Asked       ${askedBy === null ? '' : `by “${askedBy}”, `}for ${names(asked.controllers)}`,
    `  Purpose     “${asked.purposes[0]?.text}”`,
    `  Recorded    ${kinds.filter(Boolean).join(', ')}; ${rule}`,
    `  Kept        ${retention.recordingDays} days from the end, in ${places.join('; ')}`,
    `  Opened by   ${names(asked.recipients) || 'nobody'}`,
    `  Policy      version ${asked.version} of ${asked.date}`,
  ]
}

const names = (all: readonly { readonly name: string }[]): string =>
  all.map(({ name }) => name).join(', ')

function witnessed({ quorum, witnesses }: ReceiptFacts): string {
  const seen = `${witnesses.length} of the policy’s witnesses have seen it`
  return quorum === 'none' && witnesses.length === 0 ? 'the policy asks for no witness' : seen
}

/** Without the name: that is the server's word, and could be a sentence of its own. */
function sentence(facts: ReceiptFacts): string {
  const time = iso(facts.time)
  return `A person ${said[facts.said]} on ${time.slice(0, 10)} at ${time.slice(11, 19)} UTC.`
}

function limits(facts: ReceiptFacts): readonly string[] {
  const minutes = Math.round(facts.clocksApartMs / 60_000)
  const clocks = `Which of the two clocks is right: they are ${minutes} minutes apart.`
  return facts.limits.map((limit) => (limit === 'clocks' ? clocks : limitTexts[limit]))
}

const iso = (ms: number): string => new Date(ms).toISOString()
const lines = (...all: readonly string[]): string => `${all.map(printable).join('\n')}\n`

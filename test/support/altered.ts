import { formatReceipt, sha256, type ReceiptTexts } from '#audit/verify'
import { groupDigest } from '../../src/audit/commitment.ts'
import { parseOpening } from '../../src/audit/opening.ts'

/** What an opening file holds, as loosely as a forger sees it. */
type OpeningJson = {
  groups: Record<string, string>
  salts: Record<string, string>
  digests: Record<string, string>
  statementJwk?: { x: string }
  notice?: string
}

/** Each part of a receipt with one bit of it turned around, and nothing else. */
export const alterations = {
  notice: inOpening((file) => {
    file.notice = flipped(file.notice!)
  }),
  /** In a random id, so that the record can still be read. */
  record: inOpening((file) => {
    file.groups['core'] = inText(file.groups['core']!, /"recordId":"(.)/)
  }),
  name: inOpening((file) => {
    file.groups['subject'] = inText(file.groups['subject']!, /"name":"(.)/)
  }),
  salt: inOpening((file) => {
    file.salts['core'] = flipped(file.salts['core']!)
  }),
  'person’s signature': inOpening((file) => {
    file.groups['proof'] = inText(file.groups['proof']!, /"decisionJws":"[^"]*\.(.)[^".]*"/)
  }),
  'server’s signature': inOpening((file) => {
    file.groups['proof'] = inText(file.groups['proof']!, /"requestJws":"[^"]*\.(.)[^".]*"/)
  }),
  'person’s key': inOpening((file) => {
    file.groups['proof'] = inText(file.groups['proof']!, /"jwk":\{[^}]*"x":"(.)/)
  }),
  'server’s key': inOpening((file) => {
    const jwk = file.statementJwk!
    file.statementJwk = { ...jwk, x: other(jwk.x[0]!) + jwk.x.slice(1) }
  }),
  index: inProof(/\nindex (\d)/),
  'proof hash': inProof(/\nindex \d+\n(.)/),
  'tree size': inProof(/\n\n[^\n]+\n(\d)/),
  'tree root': inProof(/\n\n[^\n]+\n\d+\n(.)/),
  'log’s name': inProof(/\n\n(.)/),
  'log’s signature': inProof(/\n— \S+ .{20}(.)/),
} as const satisfies Record<string, (texts: ReceiptTexts) => ReceiptTexts>
export type Part = keyof typeof alterations
export const parts = Object.keys(alterations) as Part[]

/** The one file that people keep, with one part changed. */
export const alteredFile = (texts: ReceiptTexts, part: Part): string =>
  formatReceipt(alterations[part](texts))

/** The part for signatures became its digest, whether or not one was in it: the leaf stays the same. */
export const withoutProof = (texts: ReceiptTexts): ReceiptTexts =>
  inOpening((file) => {
    const { proof } = parseOpening(texts.opening).opening
    file.digests['proof'] = Buffer.from(groupDigest(sha256, 'proof', proof)).toString('base64')
    delete file.groups['proof']
    delete file.salts['proof']
    delete file.statementJwk
  })(texts)

function inOpening(change: (file: OpeningJson) => void) {
  return ({ tlogProof, opening }: ReceiptTexts): ReceiptTexts => {
    const file = JSON.parse(opening) as OpeningJson
    change(file)
    return { tlogProof, opening: JSON.stringify(file) }
  }
}

function inProof(where: RegExp) {
  return ({ tlogProof, opening }: ReceiptTexts): ReceiptTexts => ({
    tlogProof: replaced(tlogProof, where),
    opening,
  })
}

const inText = (base64: string, where: RegExp): string =>
  Buffer.from(replaced(Buffer.from(base64, 'base64').toString(), where)).toString('base64')

/** The letter that the pattern marks becomes another of its kind. */
function replaced(text: string, where: RegExp): string {
  const found = new RegExp(where, 'd').exec(text)
  const at = found?.indices?.[1]?.[0]
  if (at === undefined) throw new Error(`nothing matches ${String(where)}`)
  return text.slice(0, at) + other(text[at]!) + text.slice(at + 1)
}

const other = (letter: string): string => {
  if (/[0-9]/.test(letter)) return letter === '1' ? '2' : '1'
  return letter === 'a' ? 'b' : 'a'
}

function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes[0]! ^= 1
  return bytes.toString('base64')
}

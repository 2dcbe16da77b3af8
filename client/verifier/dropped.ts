import { Flaw, formatReceipt, fromUtf8, parseReceipt, type ReceiptTexts } from '#audit/verify'

/** What a person put in, sorted by what it is. */
export interface Dropped {
  readonly receipts: readonly DroppedReceipt[]
  /** The last one counts. */
  readonly policy: DroppedPolicy | null
}

export type DroppedReceipt = { readonly name: string } & (
  | { readonly state: 'read'; readonly texts: ReceiptTexts }
  | { readonly state: 'malformed'; readonly flaw: Flaw }
  | { readonly state: 'untried'; readonly why: 'large' | 'half' | 'read' }
)
export type DroppedPolicy = { readonly name: string; readonly text: string }

/** As much of a File as is read. */
export type SomeFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>

/** Never rejects: what cannot be read is among the receipts, with the reason. */
export async function readDropped(files: readonly SomeFile[]): Promise<Dropped> {
  const read = await Promise.all(files.map(readOne))
  const proofs = read.filter(({ name }) => name.endsWith(proofEnd))
  const openings = read.filter(({ name }) => name.endsWith(openingEnd))
  const rest = read.filter((one) => !proofs.includes(one) && !openings.includes(one))
  const policies = rest.filter((one) => one.state === 'text' && looksLikePolicy(one.text))
  const last = policies.at(-1)
  return {
    receipts: [
      ...proofs.map((proof) =>
        paired(proof, openings.find(({ name }) => name === withEnd(proof.name))),
      ),
      ...openings
        .filter(({ name }) => !proofs.some((proof) => withEnd(proof.name) === name))
        .map((opening) => paired(opening, undefined)),
      ...rest.filter((one) => !policies.includes(one)).map(single),
    ],
    policy: last?.state === 'text' ? { name: last.name, text: last.text } : null,
  }
}

/** The receipt as one text: two that are the same are one. */
export const idOf = (receipt: DroppedReceipt): string =>
  receipt.state === 'read' ? formatReceipt(receipt.texts) : `${receipt.state} ${receipt.name}`

type Read = { readonly name: string } & (
  | { readonly state: 'text'; readonly text: string }
  | { readonly state: 'malformed'; readonly flaw: Flaw }
  | { readonly state: 'untried'; readonly why: 'large' | 'read' }
)

async function readOne(file: SomeFile): Promise<Read> {
  const { name, size } = file
  if (size > maxBytes) return { name, state: 'untried', why: 'large' }
  try {
    return { name, state: 'text', text: fromUtf8(new Uint8Array(await file.arrayBuffer())) }
  } catch (flaw) {
    return flaw instanceof Flaw
      ? { name, state: 'malformed', flaw }
      : { name, state: 'untried', why: 'read' }
  }
}

function single(read: Read): DroppedReceipt {
  if (read.state !== 'text') return read
  try {
    return { name: read.name, state: 'read', texts: parseReceipt(read.text) }
  } catch (flaw) {
    if (flaw instanceof Flaw) return { name: read.name, state: 'malformed', flaw }
    throw flaw
  }
}

function paired(one: Read, other: Read | undefined): DroppedReceipt {
  if (one.state !== 'text') return one
  if (other === undefined) return { name: one.name, state: 'untried', why: 'half' }
  if (other.state !== 'text') return { ...other, name: one.name }
  return { name: one.name, state: 'read', texts: { tlogProof: one.text, opening: other.text } }
}

/** A receipt is one JSON object, and no line of a policy begins like one. */
const looksLikePolicy = (text: string): boolean =>
  !text.startsWith('{') && /^[ \t]*(?:log|witness|group|quorum)[ \t]/m.test(text)

const proofEnd = '.tlog-proof'
const openingEnd = '.opening.json'
const withEnd = (proof: string): string => proof.slice(0, -proofEnd.length) + openingEnd
/** Twice what a receipt can be. */
const maxBytes = 20_000_000

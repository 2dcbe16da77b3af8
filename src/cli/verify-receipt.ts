import {
  Flaw,
  forkedAmong,
  parseCheckpoint,
  parseNote,
  parseProof,
  receiptFacts,
  sha256,
  verifyReceipt,
  type FlawCode,
  type ReceiptFacts,
  type TrustPolicy,
} from '#audit/verify'
import { CallError } from '#protocol'
import { misuse, printable, type Io } from './command.ts'
import { readReceipt, receiptsNamed } from './receipt-files.ts'
import { inJson, oneLine, wholeReceipt } from './tell-receipt.ts'
import { readTrust, type TrustOptions } from './trust.ts'

/** What became of one receipt. `untried`: it could not be read at all. */
export type Tried = { readonly file: string } & (
  | { readonly state: 'verified'; readonly facts: ReceiptFacts }
  | { readonly state: 'refused'; readonly code: FlawCode; readonly message: string }
  | { readonly state: 'untried'; readonly message: string }
)

/**
 * Checks receipts, and whether together they convict their log. Returns the highest of 0 verified, 1 refused, 2 could not
 * be tried. Throws BAD_REQUEST when it was not told whom to trust.
 */
export async function verifyReceipts(
  paths: readonly string[],
  options: TrustOptions & { readonly json: boolean },
  { stdout }: Io,
): Promise<number> {
  const files = receiptsNamed(paths)
  const trust = (await readTrust(options)) ?? (await refuseWithoutTrust(files[0]!))
  const tried = withForks(await Promise.all(files.map((file) => tryReceipt(file, trust))))
  const [only, ...others] = tried
  if (options.json) stdout.write(`${JSON.stringify(inJson(tried), null, 2)}\n`)
  else if (only !== undefined && others.length === 0) stdout.write(wholeReceipt(only))
  else stdout.write(tried.map(oneLine).join(''))
  return Math.max(...tried.map(({ state }) => exitCodes[state]))
}

const exitCodes = { verified: 0, refused: 1, untried: 2 } as const

async function tryReceipt(file: string, trust: TrustPolicy): Promise<Tried> {
  try {
    const proven = await verifyReceipt(sha256, await readReceipt(file), trust)
    return { file, state: 'verified', facts: receiptFacts(proven) }
  } catch (cause) {
    if (cause instanceof Flaw)
      return { file, state: 'refused', code: cause.code, message: cause.message }
    if (cause instanceof CallError) return { file, state: 'untried', message: cause.message }
    throw cause
  }
}

/** Receipts that are sound each by itself may contradict each other. */
function withForks(tried: readonly Tried[]): readonly Tried[] {
  const forked = new Set(
    forkedAmong(tried.flatMap((one) => (one.state === 'verified' ? [one.facts] : []))),
  )
  return tried.map((one) =>
    one.state === 'verified' && forked.has(one.facts)
      ? {
          file: one.file,
          state: 'refused',
          code: 'log-forked',
          message: `another of these receipts is of another tree of ${one.facts.size} entries`,
        }
      : one,
  )
}

/** Whose log it says it is, nobody has proven: that helps to find the key, and not to trust it. */
async function refuseWithoutTrust(file: string): Promise<never> {
  const origin = await originIn(file)
  const host = origin === undefined ? undefined : URL.parse(`https://${origin}/`)?.host
  const places =
    host === undefined
      ? ''
      : ` The receipt says that it is of the log ${origin}, whose server hands out its policy, with its key and its ` +
        `witnesses, at https://${host}/log/policy. Better take it from where its operator cannot change it: from ` +
        'whoever kept it, or from a witness'
  throw misuse(
    `whose signature counts, only you can say: give --policy FILE or --vkey KEY.${printable(places)}`,
  )
}

async function originIn(file: string): Promise<string | undefined> {
  try {
    const { tlogProof } = await readReceipt(file)
    return parseCheckpoint(parseNote(parseProof(tlogProof).checkpoint).text).origin
  } catch {
    return undefined // No receipt, perhaps no file: whom to trust is missing all the same.
  }
}

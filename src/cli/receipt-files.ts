import { readFile, stat } from 'node:fs/promises'
import { Flaw, fromUtf8, parseReceipt, type ReceiptTexts } from '#audit/verify'
import type { Kept } from '#audit'
import { CallError } from '#protocol'
import { misuse } from './command.ts'

const proofEnd = '.tlog-proof'
const openingEnd = '.opening.json'

/** One name for each receipt: of a pair of files that were both named, the proof's. */
export const receiptsNamed = (paths: readonly string[]): readonly string[] => [
  ...new Set(
    paths.map((path) => (path.endsWith(openingEnd) ? withEnd(path, openingEnd, proofEnd) : path)),
  ),
]

/**
 * The one file that people keep, or a proof with its opening beside it. Throws NOT_FOUND for what cannot be read, Flaw for
 * what is no receipt.
 */
export async function readReceipt(path: string): Promise<ReceiptTexts> {
  if (!path.endsWith(proofEnd)) return parseReceipt(await readText(path))
  return {
    tlogProof: await readText(path),
    opening: await readText(withEnd(path, proofEnd, openingEnd)),
  }
}

/** A receipt, or a checkpoint as the log or a witness handed it out. Throws NOT_FOUND, or BAD_REQUEST for neither. */
export async function readKept(path: string): Promise<Kept> {
  try {
    const isPair = path.endsWith(proofEnd)
    const text = isPair ? '' : await readText(path)
    return isPair || text.startsWith('{')
      ? { name: path, kind: 'receipt', texts: await readReceipt(path) }
      : { name: path, kind: 'checkpoint', note: text }
  } catch (cause) {
    if (!(cause instanceof Flaw)) throw cause
    throw misuse(`${path}: ${cause.message}  [${cause.code}]`, { cause })
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await read(path)
  return fromUtf8(bytes)
}

async function read(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > maxBytes) throw new Flaw('receipt-form', `${path}: over ${maxBytes} bytes`)
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof Flaw) throw cause
    throw new CallError('NOT_FOUND', `${path} cannot be read`, { cause })
  }
}

const withEnd = (path: string, end: string, other: string): string =>
  path.slice(0, -end.length) + other

/** Twice what a receipt can be. */
const maxBytes = 20_000_000

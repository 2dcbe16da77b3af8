import { utf8 } from './bytes.ts'
import { Flaw } from './flaw.ts'
import { readJson } from './jws.ts'
import { object, one, type Shape } from './shape.ts'

/** One entry of the log and its proof, as two texts: `NAME.tlog-proof` and `NAME.opening.json`. */
export type ReceiptTexts = { readonly tlogProof: string; readonly opening: string }

/** Both in one file, for people who keep one file. Neither is changed by it. */
export const formatReceipt = ({ tlogProof, opening }: ReceiptTexts): string =>
  JSON.stringify({ v: 1, tlogProof, opening })

/** Throws Flaw for anything but the exact text that `formatReceipt` writes. */
export function parseReceipt(file: string): ReceiptTexts {
  try {
    const { tlogProof, opening } = readJson(utf8(file), receipt, 'receipt')
    return { tlogProof, opening }
  } catch (cause) {
    if (cause instanceof Flaw)
      throw new Flaw('receipt-form', `this is no receipt: ${cause.message}`, { cause })
    throw cause
  }
}

const text: Shape<string> = (value, at) => {
  if (typeof value === 'string' && value.length <= maxLength) return value
  throw new Flaw('receipt-form', `${at} is no text, or too long`)
}
const receipt = object({ v: one, tlogProof: text, opening: text })
const maxLength = 4_000_000

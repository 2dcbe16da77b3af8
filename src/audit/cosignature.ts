import { concat, utf8 } from './bytes.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import { claimedKey, parseNote, signatureLine, type Signer } from './note.ts'
import type { Verifier } from './verifier-key.ts'

/**
 * A witness's word that at `timeS`, in seconds since 1970, this checkpoint was of the largest tree it had seen of the
 * log, and continued every earlier one (C2SP tlog-cosignature, "Ed25519 signed message").
 */
export type Cosignature = { readonly witness: Verifier<'cosignature'>; readonly timeS: number }

/** The line that a witness adds to a checkpoint with this text. Throws Flaw `cosignature-time`. */
export function cosign(text: string, signer: Signer, timeS: number): string {
  if (!isTime(timeS)) refuse('cosignature-time', 'not a time in whole seconds')
  const time = new DataView(new ArrayBuffer(timeBytes))
  time.setBigUint64(0, BigInt(timeS))
  const signature = signer.sign(cosignedMessage(text, timeS))
  return signatureLine(signer, concat(new Uint8Array(time.buffer), signature))
}

/**
 * The cosignatures of known witnesses on a note, in its order; a witness may have given several. Unknown keys are
 * ignored; one bad cosignature of a known key spoils the whole note. Says nothing of the log's own signature. Throws Flaw.
 */
export async function collectCosignatures(
  note: string,
  known: readonly Verifier<'cosignature'>[],
): Promise<Cosignature[]> {
  const { text, signatures } = parseNote(note)
  const found: Cosignature[] = []
  for (const one of signatures) {
    const witness = claimedKey(one, known)
    if (witness === undefined) continue
    found.push({ witness, timeS: await checkedTime(witness, text, one.signature) })
  }
  return found
}

/** `uint64 time || Ed25519 signature`. */
async function checkedTime(
  witness: Verifier<'cosignature'>,
  text: string,
  timed: Uint8Array,
): Promise<number> {
  if (timed.length !== timeBytes + signatureBytes)
    refuse('cosignature-length', `not ${timeBytes + signatureBytes} bytes`)
  const time = new DataView(timed.buffer, timed.byteOffset).getBigUint64(0)
  // Above 2^53 two times would round to one.
  const timeS = Number(time)
  if (!isTime(timeS)) refuse('cosignature-time', 'a time of zero or above 2^53')
  if (!(await witness.verify(cosignedMessage(text, timeS), timed.subarray(timeBytes))))
    refuse('cosignature-wrong', 'a cosignature of a known witness is wrong')
  return timeS
}

const cosignedMessage = (text: string, timeS: number): Uint8Array =>
  utf8(`cosignature/v1\ntime ${timeS}\n${text}`)

const isTime = (timeS: number): boolean => Number.isSafeInteger(timeS) && timeS > 0

function refuse(code: FlawCode, why: string): never {
  throw new Flaw(code, `cosignature: ${why}`)
}

const timeBytes = 8
const signatureBytes = 64

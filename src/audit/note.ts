import { concat, fromBase64, toBase64, toHex, utf8 } from './bytes.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import { isKeyName, type Verifier } from './verifier-key.ts'

/** One signature line: who says they signed, and the signature itself. */
export type NoteSignature = {
  readonly name: string
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A C2SP signed note, parsed and not yet believed. `text` ends in a line feed and is what was signed. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] }

/** Signs as one named key. Synchronous: a sequencer signs between a commit and its acknowledgement. */
export type Signer = {
  readonly name: string
  readonly keyId: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/**
 * The text of a note, once every signature by a known key is good and there is at least one. Unknown keys are ignored;
 * one bad signature of a known key spoils the whole note (C2SP signed-note, "Verifying"). Throws Flaw.
 */
export async function openNote(
  note: string,
  known: readonly Verifier[],
): Promise<{ text: string; signedBy: Verifier[] }> {
  const { text, signatures } = parseNote(note)
  const message = utf8(text)
  const signedBy = new Set<Verifier>()
  for (const one of signatures) {
    const verifier = claimedKey(one, known)
    if (verifier === undefined) continue
    if (!(await verifier.verify(message, one.signature))) refuse('note-signature-wrong', 'a signature of a known key is wrong')
    signedBy.add(verifier)
  }
  if (signedBy.size === 0) refuse('note-unsigned', 'not signed by a known key')
  return { text, signedBy: [...signedBy] }
}

/** Throws Flaw unless every byte of the note is as the specification wants it. */
export function parseNote(note: string): Note {
  if (note.length > maxNoteLength) refuse('note-too-long', `over ${maxNoteLength} characters`)
  if (!note.isWellFormed()) refuse('note-not-unicode', 'not Unicode')
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) refuse('note-control-character', 'a control character')
  // The text may hold empty lines itself; only the last one divides.
  const split = note.lastIndexOf('\n\n')
  if (split === -1) refuse('note-no-signatures', 'no empty line before the signatures')
  const lines = note.slice(split + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0) refuse('note-unterminated', 'the signatures do not end in a line feed')
  if (lines.length > maxSignatures) refuse('note-too-many-signatures', `over ${maxSignatures} signatures`)
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) }
}

/** The note with one signature. The text must end in a line feed; throws Flaw for a text no verifier would read. */
export function signNote(text: string, signer: Signer): string {
  const note = `${text}\n${signatureLine(signer, signer.sign(utf8(text)))}`
  if (parseNote(note).text !== text) refuse('note-unterminated', 'the text does not end in a line feed')
  return note
}

/** One line as it stands at the end of a note, with its line feed; put behind a note, it is one more signature of it. */
export const signatureLine = (
  { name, keyId }: Pick<Signer, 'name' | 'keyId'>,
  signature: Uint8Array,
): string => `— ${name} ${toBase64(concat(keyId, signature))}\n`

/** The key that a signature claims to be by, if it is one of these. Name and key id together name a key. */
export const claimedKey = <Key extends { readonly name: string; readonly keyId: string }>(
  { name, keyId }: NoteSignature,
  known: readonly Key[],
): Key | undefined => known.find((one) => one.name === name && one.keyId === keyId)

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = /^— (\S+) (\S+)$/u.exec(line) ?? refuse('note-signature-line', 'a malformed signature line')
  if (!isKeyName(name!)) refuse('note-signature-line', 'a malformed key name')
  const blob = fromBase64(base64!)
  if (blob.length < 5) refuse('note-signature-short', 'a signature too short')
  return { name: name!, keyId: toHex(blob.subarray(0, 4)), signature: blob.subarray(4) }
}

function refuse(code: FlawCode, why: string): never {
  throw new Flaw(code, `note: ${why}`)
}

const maxNoteLength = 1_000_000
/** The specification asks for 16 at least; a limit keeps a hostile note from costing thousands of verifications. */
const maxSignatures = 100

import { fromBase64, toBase64 } from './bytes.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import { openNote, signNote, type Signer } from './note.ts'
import type { Verifier } from './verifier-key.ts'

/** What a log says of itself: these are all its leaves, and there are `size` of them (C2SP tlog-checkpoint). */
export type Checkpoint = {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** The body of the note. Without extension lines: not every cosignature covers them. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** Throws Flaw for anything but origin, decimal size and 32-byte root, each on its line. */
export function parseCheckpoint(text: string): Checkpoint {
  const [, origin, size, root] =
    /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n$/.exec(text) ?? refuse('checkpoint-form', 'not three lines')
  // Above 2^53 two sizes would round to one.
  if (!Number.isSafeInteger(Number(size))) refuse('checkpoint-size', 'a size above 2^53')
  const bytes = fromBase64(root!)
  if (bytes.length !== 32) refuse('checkpoint-root', 'a root that is not 32 bytes')
  return { origin: origin!, size: Number(size), root: bytes }
}

export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  return signNote(formatCheckpoint(checkpoint), signer)
}

/** The checkpoint in a note that this log's key signed. Throws Flaw for another key, origin or form. */
export async function openCheckpoint(note: string, log: Verifier): Promise<Checkpoint> {
  const { text } = await openNote(note, [log])
  const checkpoint = parseCheckpoint(text)
  if (checkpoint.origin !== log.name) refuse('checkpoint-origin', 'of another origin')
  return checkpoint
}

function refuse(code: FlawCode, why: string): never {
  throw new Flaw(code, `checkpoint: ${why}`)
}

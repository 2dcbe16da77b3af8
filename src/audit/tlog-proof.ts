import { fromBase64, toBase64, type Sha256 } from './bytes.ts'
import { openCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import { half, isOdd, verifyInclusion } from './merkle.ts'
import { parseNote } from './note.ts'
import type { Verifier } from './verifier-key.ts'

/** A C2SP tlog-proof, parsed and not yet believed: that one leaf stands at one place of a signed tree. */
export type TlogProof = {
  readonly index: number
  /** From the leaf's sibling up to the root's child. */
  readonly hashes: readonly Uint8Array[]
  /** The signed note, verbatim, with every signature it came with. */
  readonly checkpoint: string
}

/** The file, `NAME.tlog-proof`. Without an `extra` line: nobody signs it. */
export function formatProof({ index, hashes, checkpoint }: TlogProof): string {
  return [header, `index ${index}`, ...hashes.map(toBase64), '', checkpoint].join('\n')
}

/** Throws Flaw unless every byte is as the specification wants it. An `extra` line is checked, and then dropped. */
export function parseProof(file: string): TlogProof {
  if (file.length > maxFileLength) refuse('proof-file-length', `over ${maxFileLength} characters`)
  // No line before the checkpoint is empty, so the first empty line divides.
  const end = file.indexOf('\n\n')
  if (end === -1) refuse('proof-no-checkpoint', 'no empty line before the checkpoint')
  const checkpoint = file.slice(end + 2)
  const [first, ...lines] = file.slice(0, end).split('\n')
  if (first !== header) refuse('proof-header', `not a ${header}`)
  if (lines[0]?.startsWith('extra ') === true) fromBase64(lines.shift()!.slice('extra '.length))
  const [indexLine = '', ...hashLines] = lines
  const [, digits] =
    /^index (0|[1-9][0-9]{0,15})$/.exec(indexLine) ?? refuse('proof-index', 'no index, in decimal')
  const index = Number(digits)
  if (!Number.isSafeInteger(index)) refuse('proof-index-size', 'an index above 2^53')
  if (hashLines.length > maxHashes) refuse('proof-too-many-hashes', `over ${maxHashes} hashes`)
  parseCheckpoint(parseNote(checkpoint).text)
  return { index, hashes: hashLines.map(parseHash), checkpoint }
}

/**
 * The checkpoint, once it is this log's, signed by its key, and its tree has the leaf at the place the proof names.
 * Throws Flaw. That witnesses have seen it, a trust policy tells.
 */
export async function checkProof(
  sha256: Sha256,
  { index, hashes, checkpoint: note }: TlogProof,
  leafHash: Uint8Array,
  log: Verifier,
): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(note, log)
  const { size, root } = checkpoint
  if (index >= size) refuse('proof-index-outside', 'an index that the signed tree does not reach')
  const wanted = pathLength(index, size)
  if (hashes.length < wanted)
    refuse('proof-too-short', `${hashes.length} hashes, ${wanted} are needed`)
  if (hashes.length > wanted)
    refuse('proof-too-long', `${hashes.length} hashes, ${wanted} are needed`)
  if (!verifyInclusion(sha256, { index, size, leafHash, root }, hashes))
    refuse('proof-root', 'the signed tree has another leaf there')
  return checkpoint
}

function parseHash(line: string): Uint8Array {
  const hash = fromBase64(line)
  if (hash.length !== 32) refuse('proof-hash', 'a hash that is not 32 bytes')
  return hash
}

/** On each level a sibling on the left, or one on the right unless the tree ends before it. */
function pathLength(index: number, size: number): number {
  let length = 0
  let i = index
  for (let last = size - 1; last > 0; last = half(last)) {
    if (isOdd(i) || i < last) length += 1
    i = half(i)
  }
  return length
}

function refuse(code: FlawCode, why: string): never {
  throw new Flaw(code, `proof: ${why}`)
}

const header = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^63 leaves has no longer path. */
const maxHashes = 63
/** A note at its own limit, and room for an `extra` line. */
const maxFileLength = 2_000_000

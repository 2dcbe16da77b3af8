import { equal, fromBase64, fromUtf8, toBase64, toHex, utf8, type Sha256 } from './bytes.ts'
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import { emptyRoot, isConsistentStart, verifyConsistency } from './merkle.ts'
import { claimedKey, openNote, parseNote, signatureLine } from './note.ts'
import type { Verifier } from './verifier-key.ts'

/** The body of `POST add-checkpoint` (C2SP tlog-witness): a log asks to have its newest checkpoint cosigned. */
export type AddCheckpoint = {
  /** The size of the tree that the witness has, as the log believes. */
  readonly oldSize: number
  /** That the new tree continues that one; empty from size 0. */
  readonly proof: readonly Uint8Array[]
  /** The signed note. */
  readonly checkpoint: string
}

/** What a witness remembers of a log: the largest tree it has cosigned, and when, in seconds since 1970. */
export type Seen = Pick<Checkpoint, 'size' | 'root'> & { readonly timeS: number }

/** A checkpoint that a known log has signed; whether it continues what was seen is still open. */
export type Submission = {
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: Checkpoint
  /** The note with the log's own signatures alone: of the others nobody knows whether they are good. */
  readonly note: string
}

/** As in HTTP. 409 tells the log where the witness is, so that it can prove its way from there. */
export type Refusal =
  | { readonly status: 409; readonly size: number; readonly problem: string }
  | { readonly status: 400 | 403 | 404 | 422 | 503; readonly problem: string }

export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return [`old ${oldSize}`, ...proof.map(toBase64), '', checkpoint].join('\n')
}

/** Throws Flaw for anything but an old size, hashes and a note, each on its line. */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const end = body.indexOf('\n\n')
  if (end === -1) refuse('submission-no-checkpoint', 'no empty line before the checkpoint')
  const [first = '', ...lines] = body.slice(0, end).split('\n')
  const [, size] =
    /^old (0|[1-9][0-9]{0,15})$/.exec(first) ??
    refuse('submission-old-size', 'no old size, in decimal')
  const oldSize = Number(size)
  if (!Number.isSafeInteger(oldSize)) refuse('submission-old-size', 'an old size above 2^53')
  if (lines.length > maxHashes) refuse('submission-too-many-hashes', `over ${maxHashes} hashes`)
  const proof = lines.map(fromBase64)
  if (proof.some((hash) => hash.length !== 32))
    refuse('submission-hash', 'a hash that is not 32 bytes')
  return { oldSize, proof, checkpoint: body.slice(end + 2) }
}

/** First step: what was submitted, once it is well formed and signed by a key that the witness trusts for its origin. */
export async function openSubmission(
  logs: readonly Verifier[],
  body: Uint8Array,
): Promise<Submission | Refusal> {
  let submission: Submission
  try {
    submission = readSubmission(body)
  } catch (error) {
    return refusal(400, error)
  }
  const { checkpoint, note } = submission
  const trusted = logs.filter(({ name }) => name === checkpoint.origin)
  if (trusted.length === 0) return { status: 404, problem: 'this witness does not know that log' }
  try {
    await openNote(note, trusted)
    return { ...submission, note: signedBy(trusted, note) }
  } catch (error) {
    return refusal(403, error)
  }
}

/** The note without the signatures of all others. */
function signedBy(trusted: readonly Verifier[], note: string): string {
  const { text, signatures } = parseNote(note)
  const lines = signatures
    .filter((one) => claimedKey(one, trusted) !== undefined)
    .map(({ name, keyId, signature }) =>
      signatureLine({ name, keyId: Uint8Array.fromHex(keyId) }, signature),
    )
  return `${text}\n${lines.join('')}`
}

/**
 * Second step: why the witness must not cosign what was submitted, or undefined if it must, and remember it. Nothing may
 * come between the look at what was seen and that memory. In the order of the specification.
 */
export function refusalOf(
  sha256: Sha256,
  seen: Seen,
  { oldSize, proof, checkpoint }: Submission,
  nowS: number,
): Refusal | undefined {
  const { size, root } = checkpoint
  if (oldSize > size) return { status: 400, problem: 'the old size is above the new one' }
  if (oldSize !== seen.size)
    return { status: 409, size: seen.size, problem: `this witness has seen size ${seen.size}` }
  // This is the rule for the empty tree, too: what was seen of nothing has the empty root.
  if (size === seen.size && !equal(root, seen.root))
    return { status: 422, problem: 'this witness has seen another root of this size' }
  // From the empty tree there is no proof, and none is needed: two rules, since one of RFC 9162 refuses it always.
  const isConsistent =
    seen.size === 0
      ? isConsistentStart(sha256, seen, proof)
      : verifyConsistency(sha256, seen, checkpoint, proof)
  if (!isConsistent)
    return { status: 422, problem: 'the proof does not lead from the tree this witness has seen' }
  // What was the largest tree then cannot have been the largest one before.
  if (nowS < seen.timeS) return { status: 503, problem: 'the clock of this witness is behind' }
  return undefined
}

export const nothingSeen = (sha256: Sha256): Seen => ({
  size: 0,
  root: emptyRoot(sha256),
  timeS: 0,
})

/** Where a monitor finds the newest checkpoint that a witness has cosigned of a log, below its prefix. */
export const monitorPath = (sha256: Sha256, origin: string): string =>
  `${toHex(sha256(utf8(origin)))}/checkpoint`

function readSubmission(body: Uint8Array): Submission {
  const { oldSize, proof, checkpoint: note } = parseAddCheckpoint(fromUtf8(body))
  return { oldSize, proof, note, checkpoint: parseCheckpoint(parseNote(note).text) }
}

function refusal(status: 400 | 403, error: unknown): Refusal {
  if (!(error instanceof Flaw)) throw error
  return { status, problem: error.message }
}

function refuse(code: FlawCode, why: string): never {
  throw new Flaw(code, `submission: ${why}`)
}

const maxHashes = 63

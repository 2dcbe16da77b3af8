import { equal, fromBase64, type Sha256 } from './bytes.ts'
import type { ReadEntry } from './check-openings.ts'
import type { Finding } from './findings.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import type { PublicJwk } from './jwk.ts'
import { recordSays } from './notice-text.ts'
import { checkRecord, decodeProof, readProof, verifySignatures, type ReadProof } from './proof.ts'
import type { RecordOf } from './records.ts'
import { readRequest } from './statements.ts'

/** Of what was signed, the flaw itself is the code: each way to forge a decision has its own. */
export type SignatureCode =
  | FlawCode
  | 'given-unsigned'
  | 'statement-key-unknown'
  | 'decision-repeated'
  | 'decision-chain'
  | 'request-differs'
  | 'seen-differs'
export type SignatureFinding = Finding<SignatureCode>

export type SignaturesReport = {
  /** Decisions that the person's own key signed. */
  readonly signed: number
  /** Decisions that only the server attests: silence, and a no from a page that could not sign. */
  readonly attested: number
  readonly findings: readonly SignatureFinding[]
}

export type SignatureWorld = {
  readonly statementKey: (kid: string) => PublicJwk | undefined
  /** The root of this log's first `size` entries; undefined above its size. */
  readonly rootAt: (size: number) => Uint8Array | undefined
}

/** Whether the people themselves said what the log says they said; no yes stands without its signature. */
export async function checkSignatures(
  sha256: Sha256,
  entries: readonly ReadEntry[],
  world: SignatureWorld,
): Promise<SignaturesReport> {
  const findings: SignatureFinding[] = []
  const last = new Map<string, string>()
  const known = new Set<string>()
  const requests = new Map<string, Asked>()
  let signed = 0
  let attested = 0
  for (const { index, core, proof } of entries) {
    if (core.type === 'request') requests.set(placeOf(core, core.notice.sha256), { index, core })
    if (core.type !== 'decision' || proof === undefined) continue
    const found = (code: SignatureCode, message: string): void =>
      void findings.push({ code, index, message })
    if (proof.length === 0) {
      attested += 1
      if (core.event.state === 'given')
        found('given-unsigned', 'is a yes that nobody signed: it could have been invented')
      continue
    }
    const read = await readSigned(sha256, core, proof, world, found)
    if (read === undefined) continue
    signed += 1
    const { decision, decisionSha256 } = read
    if (known.has(decisionSha256)) {
      found('decision-repeated', 'repeats an earlier decision as if it had been made again')
      continue
    }
    known.add(decisionSha256)
    const whose = `${decision.sid} ${decision.sub}`
    const before = last.get(whose) ?? null
    // What one person said in one call is erased as a whole or not at all: a chain has no holes.
    if (decision.prev !== before)
      found('decision-chain', 'does not follow this person’s previous decision: one is missing here')
    last.set(whose, decisionSha256)
    checkSeen(read, index, world, found)
    checkRequest(read, requests.get(placeOf(core, core.noticeSha256)), found)
  }
  return { signed, attested, findings }
}

type Found = (code: SignatureCode, message: string) => void

async function readSigned(
  sha256: Sha256,
  core: RecordOf<'decision'>,
  bytes: Uint8Array,
  { statementKey }: SignatureWorld,
  found: Found,
): Promise<ReadProof | undefined> {
  try {
    const proof = decodeProof(bytes)
    const jwk = statementKey(readRequest(proof.requestJws).jws.kid)
    if (jwk === undefined) {
      found('statement-key-unknown', 'the key that asked is not kept')
      return undefined
    }
    const read = readProof(sha256, proof, jwk)
    checkRecord(read, core)
    await verifySignatures(read)
    return read
  } catch (error) {
    if (!(error instanceof Flaw)) throw error
    found(error.code, `is not what this person signed: ${error.message}`)
    return undefined
  }
}

type Asked = { readonly index: number; readonly core: RecordOf<'request'> }

/** One person is asked once in a run under one notice. */
const placeOf = (
  { requestId, subject }: RecordOf<'request' | 'decision'>,
  noticeSha256: string,
): string => `${requestId} ${subject.ref} ${noticeSha256}`

/** All rules are applied to the records: they must be those that the person's signature is about. */
function checkRequest({ request }: ReadProof, asked: Asked | undefined, found: Found): void {
  // A decision without its request is found where the order of the records is read.
  if (asked === undefined) return
  const { index, core } = asked
  const isSame =
    recordSays(core, { ...request, policyText: request.notice }) &&
    JSON.stringify(core.notice) === JSON.stringify(request.notice)
  if (!isSame)
    found(
      'request-differs',
      `was signed under other terms than entry ${index} says that this person was asked`,
    )
}

/** A person who had seen another log than this one was shown a different story. */
function checkSeen(
  { decision: { seen }, request: { checkpoint } }: ReadProof,
  index: number,
  { rootAt }: SignatureWorld,
  found: Found,
): void {
  for (const { size, root } of [seen, checkpoint]) {
    const here = rootAt(size)
    if (size > index || here === undefined || !equal(here, fromBase64(root)))
      found('seen-differs', `rests on a log of ${size} entries that is not the beginning of this one`)
  }
}

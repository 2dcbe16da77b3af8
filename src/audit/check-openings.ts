import { equal, toHex, type Sha256 } from './bytes.ts'
import {
  commitmentOf,
  groupDigest,
  groups,
  type Group,
  type Opening,
  type PerGroup,
} from './commitment.ts'
import { decodeCore } from './entry.ts'
import { checkErasures, type ErasureCode } from './check-erasures.ts'
import { NoticeCheck, type NoticeCode, type StoredNotice } from './check-notices.ts'
import type { Finding } from './findings.ts'
import { Flaw } from './flaw.ts'
import { parseLeaf, type Leaf } from './leaf.ts'
import type { CoreRecord } from './records.ts'
import type { StoredLeaf } from './store.ts'

export type OpeningCode =
  | ErasureCode
  | 'leaf-malformed'
  | 'leaf-misplaced'
  | 'commitment-repeated'
  | 'opening-missing'
  | 'opening-changed'
  | 'opening-locked'
  | 'record-malformed'
  | NoticeCode
export type OpeningFinding = Finding<OpeningCode>

/** The three groups of one leaf as they are stored, with the digest that stands beside each. */
export type StoredOpening = {
  readonly opening: Opening
  readonly digests: PerGroup<Uint8Array>
  /** Groups that are there, and that no key opens. */
  readonly locked: readonly Group[]
}
export type StoredOpenings = {
  readonly leaves: Iterable<StoredLeaf>
  /** Undefined when it is gone. */
  readonly openingOf: (index: number) => StoredOpening | undefined
  readonly notices: Iterable<StoredNotice>
  /** Erased, and the tree is still to say so. */
  readonly pending: ReadonlySet<number>
}

/** One entry whose record can be read, and what proves it. */
export type ReadEntry = {
  readonly index: number
  readonly core: CoreRecord
  /** Undefined once erased; empty for what only the server attests. */
  readonly proof: Uint8Array | undefined
}

export type OpeningsReport = {
  readonly openings: number
  readonly erasedGroups: number
  /** Entries of which nothing is left but the tree's word that they were erased. */
  readonly erased: ReadonlySet<number>
  readonly notices: number
  /** What the leaves say, as far as it can still be read. */
  readonly entries: readonly ReadEntry[]
  readonly findings: readonly OpeningFinding[]
}

/** Holds each leaf against what is kept to open it, each request against the notice that was shown, and erasures against the tree. */
export function checkOpenings(sha256: Sha256, stored: StoredOpenings): OpeningsReport {
  const notices = new NoticeCheck(sha256, stored.notices)
  const findings: OpeningFinding[] = []
  const commitments = new Set<string>()
  const leaves = new Map<number, Leaf>()
  const missing = new Set<number>()
  const erasedParts = new Map<number, readonly Group[]>()
  const entries: ReadEntry[] = []
  let openings = 0
  for (const { index, leaf: bytes } of stored.leaves) {
    const found = (code: OpeningCode, message: string): void =>
      void findings.push({ code, index, message })
    const leaf = readLeaf(bytes, found)
    if (leaf === undefined) continue
    leaves.set(index, leaf)
    if (leaf.kind === 'shard' && index > 0)
      found('leaf-misplaced', 'begins another log in the middle of this one')
    if (leaf.kind !== 'record') continue
    const kept = stored.openingOf(index)
    if (kept === undefined) {
      missing.add(index)
      checkRepetition(leaf.commitment, commitments, found)
      continue
    }
    openings += 1
    checkLeaf(sha256, leaf.commitment, kept, found)
    checkRepetition(leaf.commitment, commitments, found)
    const gone = groups.filter(
      (group) => 'digest' in kept.opening[group] && !kept.locked.includes(group),
    )
    if (gone.length > 0) erasedParts.set(index, gone)
    const core = readCore(kept, found)
    if (core === undefined) continue
    const { proof } = kept.opening
    entries.push({ index, core, proof: 'bytes' in proof ? proof.bytes : undefined })
    notices.read({ index, core }, gone.includes('subject') ? 'erased' : nameIn(kept))
  }
  const accounted = checkErasures(leaves, missing, erasedParts, stored.pending)
  return {
    openings,
    erasedGroups: [...erasedParts.values()].reduce((sum, { length }) => sum + length, 0),
    erased: accounted.erased,
    notices: notices.size,
    entries,
    findings: [...findings, ...notices.findings(missing.size > 0), ...accounted.findings],
  }
}

type Found = (code: OpeningCode, message: string) => void

const nameIn = ({ opening: { subject } }: StoredOpening): 'kept' | 'none' =>
  'bytes' in subject && subject.bytes.length > 0 ? 'kept' : 'none'

function readLeaf(bytes: Uint8Array, found: Found): Leaf | undefined {
  const leaf = orMessage(() => parseLeaf(bytes))
  if (typeof leaf !== 'string') return leaf
  found('leaf-malformed', `is not a leaf of this kind of log: ${leaf}`)
  return undefined
}

function checkRepetition(committed: Uint8Array, commitments: Set<string>, found: Found): void {
  if (commitments.has(toHex(committed)))
    found('commitment-repeated', 'repeats the commitment of an earlier entry')
  commitments.add(toHex(committed))
}

/** A leaf must commit to exactly what is kept. */
function checkLeaf(
  sha256: Sha256,
  committed: Uint8Array,
  { opening, digests, locked }: StoredOpening,
  found: Found,
): void {
  if (locked.length > 0)
    found('opening-locked', `its ${locked.join(' and ')} part opens with none of the keys here`)
  const changed = groups.filter(
    (group) => !equal(groupDigest(sha256, group, opening[group]), digests[group]),
  )
  if (changed.length > 0)
    found('opening-changed', `its ${changed.join(' and ')} part was changed after it was written`)
  else if (!equal(commitmentOf(sha256, opening), committed))
    found('opening-changed', 'what is kept of it is not what its leaf commits to')
}

function readCore({ opening: { core } }: StoredOpening, found: Found): CoreRecord | undefined {
  if ('digest' in core) return undefined
  const record = orMessage(() => decodeCore(core.bytes))
  if (typeof record !== 'string') return record
  found('record-malformed', `cannot be read: ${record}`)
  return undefined
}

function orMessage<T>(read: () => T): T | string {
  try {
    return read()
  } catch (error) {
    if (error instanceof Flaw) return error.message
    throw error
  }
}

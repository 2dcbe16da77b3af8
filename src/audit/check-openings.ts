import { equal, toHex, type Sha256 } from './bytes.ts'
import {
  commitmentOf,
  groupDigest,
  groups,
  parseRecordLeaf,
  type Opening,
  type PerGroup,
} from './commitment.ts'
import { decodeCore } from './entry.ts'
import type { Finding } from './findings.ts'
import { Flaw } from './flaw.ts'
import type { Opened } from './interrupted.ts'
import type { CoreRecord } from './records.ts'
import type { StoredLeaf } from './store.ts'

export type OpeningCode =
  | 'leaf-malformed'
  | 'commitment-repeated'
  | 'opening-missing'
  | 'opening-changed'
  | 'record-malformed'
  | 'notice-missing'
  | 'notice-changed'
export type OpeningFinding = Finding<OpeningCode>

/** The three groups of one leaf as they are stored, with the digest that stands beside each. */
export type StoredOpening = { readonly opening: Opening; readonly digests: PerGroup<Uint8Array> }
export type StoredNotice = { readonly sha256: Uint8Array; readonly bytes: Uint8Array }

export type StoredOpenings = {
  readonly leaves: Iterable<StoredLeaf>
  /** Undefined when it is gone, whole or in part. */
  readonly openingOf: (index: number) => StoredOpening | undefined
  readonly notices: Iterable<StoredNotice>
}

export type OpeningsReport = {
  readonly openings: number
  readonly erasedGroups: number
  readonly notices: number
  /** What the leaves say, as far as it can still be read. */
  readonly opened: readonly Opened[]
  readonly findings: readonly OpeningFinding[]
}

/** Holds each leaf against what is kept to open it, and each request against the notice that was shown. */
export function checkOpenings(sha256: Sha256, stored: StoredOpenings): OpeningsReport {
  const [notices, findings] = checkNotices(sha256, stored.notices)
  const commitments = new Set<string>()
  const opened: Opened[] = []
  let openings = 0
  let erasedGroups = 0
  for (const { index, leaf } of stored.leaves) {
    const found = (code: OpeningCode, message: string): void =>
      void findings.push({ code, index, message })
    const kept = stored.openingOf(index)
    if (kept === undefined)
      found('opening-missing', 'what opens it is gone: nobody can say what it was')
    else {
      openings += 1
      erasedGroups += groups.filter((group) => 'digest' in kept.opening[group]).length
      const core = readCore(kept, found)
      if (core !== undefined) opened.push({ index, core })
      if (core?.type === 'request' && !notices.has(core.notice.sha256))
        found('notice-missing', 'the notice it showed is not kept')
    }
    checkLeaf(sha256, leaf, kept, commitments, found)
  }
  return { openings, erasedGroups, notices: notices.size, opened, findings }
}

type Found = (code: OpeningCode, message: string) => void

function checkNotices(
  sha256: Sha256,
  stored: Iterable<StoredNotice>,
): [known: Set<string>, findings: OpeningFinding[]] {
  const known = new Set<string>()
  const findings: OpeningFinding[] = []
  for (const { sha256: stated, bytes } of stored) {
    known.add(toHex(stated))
    if (equal(sha256(bytes), stated)) continue
    findings.push({
      code: 'notice-changed',
      index: null,
      message: `the notice ${toHex(stated)} was changed after it was shown`,
    })
  }
  return [known, findings]
}

/** A leaf must commit to exactly what is kept, once. */
function checkLeaf(
  sha256: Sha256,
  leaf: Uint8Array,
  kept: StoredOpening | undefined,
  commitments: Set<string>,
  found: Found,
): void {
  const committed = orMessage(() => parseRecordLeaf(leaf))
  if (typeof committed === 'string') {
    found('leaf-malformed', `is not a leaf of this kind of log: ${committed}`)
    return
  }
  if (commitments.has(toHex(committed)))
    found('commitment-repeated', 'repeats the commitment of an earlier entry')
  commitments.add(toHex(committed))
  if (kept === undefined) return
  const { opening, digests } = kept
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

import { CallError } from '#protocol'
import { Account } from './account.ts'
import { equal, type Sha256 } from './bytes.ts'
import { openCheckpoint } from './checkpoint.ts'
import { encoded } from './encoded.ts'
import { decodeCore } from './entry.ts'
import { Flaw } from './flaw.ts'
import { GuardFile, guardText, readGuard, type Mark } from './guard.ts'
import { interruptedGates, type Opened } from './interrupted.ts'
import { leafHash } from './merkle.ts'
import type { Signer } from './note.ts'
import { appendLeaf, edgeRoot, emptyEdge, type RightEdge } from './right-edge.ts'
import { Sequencer, type Tombstone } from './sequencer.ts'
import type { Head, Store } from './store.ts'
import type { Succession } from './succession.ts'
import type { Verifier } from './verifier-key.ts'

type Start = {
  readonly sha256: Sha256
  readonly store: Store
  readonly signer: Signer
  readonly verifier: Verifier
  readonly guardPath: string
  /** Whose place this log takes, where it is new. */
  readonly succession?: Succession | undefined
  readonly nowMs: number
}

/**
 * Proves that the log is what it was, before anything is signed or added: the tree from its leaves, the last signature,
 * the guard's memory, the clock; that each entry can be opened, or its erasure is accounted for. Then closes what a crash
 * left open. Throws LOG_CORRUPT, LOG_ROLLED_BACK or
 * LOG_UNAVAILABLE, each with what to do. The caller closes guard and store.
 */
export async function startSequencer(
  start: Start,
): Promise<{ sequencer: Sequencer; guard: GuardFile; buried: readonly Tombstone[] }> {
  const { sha256, store, signer, guardPath, succession, nowMs } = start
  const head = store.claim()
  const marks = await knownMarks(start)
  const account = new Account(store)
  const edge = deriveEdge(sha256, store, head, marks, account)
  if (nowMs < head.timeMs) refuseClock(head.timeMs - nowMs)
  account.refuseUnaccounted()

  store.dropOrphans(head.size)
  const guard = new GuardFile(guardPath, signer.name, head)
  const sequencer = new Sequencer({ sha256, store, guard, signer, head, edge })
  if (head.size === 0 && succession !== undefined) sequencer.succeed(succession, nowMs)
  const repairs = interruptedGates(openedGates(store), nowMs)
  sequencer.append(repairs.map((entry) => encoded(entry, nowMs)))
  sequencer.flush()
  return { sequencer, guard, buried: account.buried }
}

/** Sizes and roots that this log has shown before; whatever it holds now must contain them. */
async function knownMarks({ store, signer, verifier, guardPath }: Start): Promise<Known[]> {
  const { size, root } = store.head()
  const stored = store.lastCheckpoint()
  const guard = readGuard(guardPath, signer.name)
  if (guard === undefined && (size > 0 || stored !== undefined)) {
    const text = guardText(signer.name, { size, root })
    throw new CallError(
      'LOG_ROLLED_BACK',
      `${guardPath} is missing, so nobody can tell whether these ${size} entries are all; restore it, or accept them by writing it anew: ${JSON.stringify(text)}`,
    )
  }
  const marks: Known[] = guard === undefined ? [] : [{ ...guard, by: `the guard ${guardPath}` }]
  if (stored === undefined) return marks
  const checkpoint = await openCheckpoint(stored.note, verifier).catch(refuseCheckpoint)
  return [...marks, { ...checkpoint, by: 'the last signed checkpoint' }]
}

function refuseCheckpoint(cause: unknown): never {
  if (!(cause instanceof Flaw)) throw cause
  const message = `the last signed checkpoint cannot be believed: ${cause.message}; run assent verify`
  throw new CallError('LOG_CORRUPT', message, { cause })
}
type Known = Mark & { readonly by: string }

/** Reads every leaf again. The stored head and nodes are a convenience; the leaves are the log. */
function deriveEdge(
  sha256: Sha256,
  store: Store,
  head: Head,
  marks: readonly Known[],
  account: Account,
): RightEdge {
  let edge = emptyEdge
  const check = (): void => {
    for (const { size, root, by } of marks) {
      if (size === edge.size && !equal(root, edgeRoot(sha256, edge))) {
        throw new CallError(
          'LOG_CORRUPT',
          `the first ${size} entries are not those that ${by} has seen; restore the newest log`,
        )
      }
    }
  }
  check()
  for (const { index, leaf, leafHash: stored } of store.leaves()) {
    if (index !== edge.size)
      throw new CallError('LOG_CORRUPT', `leaf ${edge.size} is missing; run assent verify`)
    const hash = leafHash(sha256, leaf)
    if (!equal(hash, stored))
      throw new CallError('LOG_CORRUPT', `leaf ${index} was changed; run assent verify`)
    edge = appendLeaf(sha256, edge, hash)[0]
    check()
    account.read(index, leaf)
  }
  if (edge.size !== head.size || !equal(edgeRoot(sha256, edge), head.root)) {
    throw new CallError(
      'LOG_CORRUPT',
      `the head says ${head.size} entries, the leaves another tree; run assent verify`,
    )
  }
  const ahead = marks.find(({ size }) => size > edge.size)
  if (ahead !== undefined) {
    throw new CallError(
      'LOG_ROLLED_BACK',
      `this log has ${edge.size} entries, but ${ahead.by} has seen ${ahead.size}; restore the newest log.db and vault.db or, where they are lost, give this log up with assent succeed`,
    )
  }
  return edge
}

function* openedGates(store: Store): Iterable<Opened> {
  for (const { index, bytes } of store.gateRecords())
    if (bytes !== undefined) yield { index, core: decodeCore(bytes) }
}

function refuseClock(behindMs: number): never {
  throw new CallError(
    'LOG_UNAVAILABLE',
    `the clock is ${behindMs} ms behind the last entry; set it and start again`,
  )
}

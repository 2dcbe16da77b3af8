import { equal, type Sha256 } from './bytes.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Finding } from './findings.ts'
import { Flaw } from './flaw.ts'
import { leafHash } from './merkle.ts'
import {
  appendLeaf,
  edgeRoot,
  emptyEdge,
  nodeCount,
  type Node,
  type RightEdge,
} from './right-edge.ts'
import type { Head, StoredCheckpoint, StoredLeaf } from './store.ts'
import type { Verifier } from './verifier-key.ts'

export type TreeCode =
  | 'leaf-missing'
  | 'leaf-changed'
  | 'node-missing'
  | 'node-changed'
  | 'node-unexpected'
  | 'head-differs'
  | 'checkpoint-invalid'
  | 'checkpoint-size'
  | 'checkpoint-root'
  | 'checkpoint-ahead'
export type TreeFinding = Finding<TreeCode>

/** What is stored of a tree, and is to be doubted. */
export type StoredTree = {
  readonly leaves: Iterable<StoredLeaf>
  readonly nodeHash: (level: number, i: number) => Uint8Array | undefined
  readonly nodeTotal: number
  readonly head: Head
  /** By size. */
  readonly checkpoints: Iterable<StoredCheckpoint>
}

export type TreeReport = {
  readonly size: number
  readonly root: Uint8Array
  readonly checkpoints: number
  readonly findings: readonly TreeFinding[]
}

/**
 * Builds the tree again from its leaves and holds everything stored against it: nodes, head, and each signed checkpoint
 * with the root the tree had at that size.
 */
export async function checkTree(
  sha256: Sha256,
  stored: StoredTree,
  log: Verifier,
): Promise<TreeReport> {
  const findings: TreeFinding[] = []
  const nodes = new NodeCheck(stored.nodeHash)
  const checkpoints = new CheckpointCheck(stored.checkpoints, log)
  let edge = emptyEdge
  let isWhole = true
  await checkpoints.at(sha256, edge)
  for (const { index, leaf, leafHash: kept } of stored.leaves) {
    if (index !== edge.size) {
      findings.push({
        code: 'leaf-missing',
        index: edge.size,
        message: `entries ${edge.size} to ${index - 1} are gone`,
      })
      isWhole = false
      break
    }
    const hash = leafHash(sha256, leaf)
    if (!equal(hash, kept))
      findings.push({
        code: 'leaf-changed',
        index,
        message: 'the leaf is not the one whose hash was stored',
      })
    const [next, completed] = appendLeaf(sha256, edge, hash)
    for (const node of completed) nodes.read(node)
    edge = next
    if (checkpoints.nextSize === edge.size) await checkpoints.at(sha256, edge)
  }
  findings.push(...nodes.findings())
  if (isWhole) findings.push(...wholeTree(sha256, stored, edge))
  findings.push(...(await checkpoints.findings(edge.size)))
  return { size: edge.size, root: edgeRoot(sha256, edge), checkpoints: checkpoints.count, findings }
}

function wholeTree(
  sha256: Sha256,
  { head, nodeTotal }: StoredTree,
  edge: RightEdge,
): TreeFinding[] {
  const findings: TreeFinding[] = []
  if (head.size !== edge.size) {
    findings.push({
      code: 'head-differs',
      index: null,
      message: `the head says ${head.size} entries, there are ${edge.size}`,
    })
  } else if (!equal(head.root, edgeRoot(sha256, edge))) {
    findings.push({
      code: 'head-differs',
      index: null,
      message: 'the head has another root than the leaves',
    })
  }
  const extra = nodeTotal - nodeCount(edge.size)
  if (extra > 0)
    findings.push({
      code: 'node-unexpected',
      index: null,
      message: `${extra} stored nodes belong to no leaf`,
    })
  return findings
}

/** One changed leaf changes all nodes above it: the first is named, the others are counted. */
class NodeCheck {
  readonly #stored: StoredTree['nodeHash']
  readonly #missing: Node[] = []
  readonly #changed: Node[] = []

  constructor(stored: StoredTree['nodeHash']) {
    this.#stored = stored
  }

  read(node: Node): void {
    const stored = this.#stored(node.level, node.i)
    if (stored === undefined) this.#missing.push(node)
    else if (!equal(stored, node.hash)) this.#changed.push(node)
  }

  findings(): TreeFinding[] {
    const about = (code: TreeCode, nodes: readonly Node[], what: string): TreeFinding[] =>
      nodes.slice(0, 1).map(({ level, i }) => {
        const first = i * 2 ** level
        return {
          code,
          index: first,
          message: `the node over entries ${first} to ${first + 2 ** level - 1} ${what}${andMore(nodes)}`,
        }
      })
    return [
      ...about('node-missing', this.#missing, 'is gone'),
      ...about('node-changed', this.#changed, 'was changed'),
    ]
  }
}

/** Every checkpoint was handed to someone: a log that no longer contains one has lied to them. */
class CheckpointCheck {
  readonly #rows: Iterator<StoredCheckpoint>
  readonly #log: Verifier
  readonly #found: TreeFinding[] = []
  readonly #invalid: { readonly size: number; readonly why: string }[] = []
  readonly #otherRoots: number[] = []
  #next: StoredCheckpoint | undefined
  #lastGood: number | undefined
  count = 0

  constructor(rows: Iterable<StoredCheckpoint>, log: Verifier) {
    this.#rows = rows[Symbol.iterator]()
    this.#log = log
    this.#advance()
  }

  get nextSize(): number | undefined {
    return this.#next?.size
  }

  /** Judges the checkpoints of the size the tree has now. */
  async at(sha256: Sha256, edge: RightEdge): Promise<void> {
    for (; this.#next?.size === edge.size; this.#advance()) {
      const root = await this.#open(this.#next)
      if (root === undefined) continue
      if (equal(root, edgeRoot(sha256, edge))) this.#lastGood = edge.size
      else this.#otherRoots.push(edge.size)
    }
  }

  async findings(size: number): Promise<TreeFinding[]> {
    const ahead: number[] = []
    for (; this.#next !== undefined; this.#advance()) {
      if ((await this.#open(this.#next)) !== undefined) ahead.push(this.#next.size)
    }
    const [first] = this.#otherRoots
    const other: TreeFinding[] =
      first === undefined
        ? []
        : [
            {
              code: 'checkpoint-root',
              index: first - 1,
              message:
                `the checkpoint signed at size ${first} has another root${andMore(this.#otherRoots)}; ` +
                (this.#lastGood === undefined
                  ? 'no earlier one agrees'
                  : `the one at size ${this.#lastGood} still agrees`),
            },
          ]
    const cut: TreeFinding[] =
      ahead.length === 0
        ? []
        : [
            {
              code: 'checkpoint-ahead',
              index: size,
              message: `${Math.max(...ahead)} entries were signed, ${size} are here: the end of the log was cut off`,
            },
          ]
    const invalid = this.#invalid.slice(0, 1).map(
      ({ size: at, why }): TreeFinding => ({
        code: 'checkpoint-invalid',
        index: null,
        message: `the checkpoint of size ${at} does not verify${andMore(this.#invalid)}: ${why}`,
      }),
    )
    return [...this.#found, ...invalid, ...other, ...cut]
  }

  async #open({ size, note }: StoredCheckpoint): Promise<Uint8Array | undefined> {
    try {
      const checkpoint = await openCheckpoint(note, this.#log)
      if (checkpoint.size === size) return checkpoint.root
      this.#found.push({
        code: 'checkpoint-size',
        index: null,
        message: `the checkpoint stored for size ${size} signs size ${checkpoint.size}`,
      })
    } catch (error) {
      if (!(error instanceof Flaw)) throw error
      this.#invalid.push({ size, why: error.message })
    }
    return undefined
  }

  #advance(): void {
    const { value, done } = this.#rows.next()
    this.#next = done === true ? undefined : value
    if (this.#next !== undefined) this.count += 1
  }
}

const andMore = ({ length }: readonly unknown[]): string =>
  length > 1 ? `, and ${length - 1} more` : ''

import { createHash } from 'node:crypto'

/** The root of each tree from the empty one on (RFC 9162 §2.1.1), in base64, by code that the log does not share. */
export function rootsOf(leaves: readonly Uint8Array[]): string[] {
  const roots = [sha256().toString('base64')]
  // The largest complete trees that the leaves fill, from the left.
  let complete: readonly Complete[] = []
  for (const leaf of leaves) {
    complete = joined([...complete, { leaves: 1, hash: sha256('\0', leaf) }])
    const root = complete.map(({ hash }) => hash).reduceRight((right, left) => parent(left, right))
    roots.push(root.toString('base64'))
  }
  return roots
}

type Complete = { readonly leaves: number; readonly hash: Buffer }

function joined(complete: readonly Complete[]): readonly Complete[] {
  const [left, right] = complete.slice(-2)
  if (left === undefined || right === undefined || left.leaves !== right.leaves) return complete
  const both = { leaves: left.leaves * 2, hash: parent(left.hash, right.hash) }
  return joined([...complete.slice(0, -2), both])
}

const parent = (left: Buffer, right: Buffer): Buffer => sha256('\u0001', left, right)

const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

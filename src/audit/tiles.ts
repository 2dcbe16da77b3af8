import { concat } from './bytes.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import type { NodeHash } from './node-proofs.ts'

/**
 * A piece of a log as it is published (C2SP tlog-tiles): `width` consecutive hashes of one level, the first of them
 * `256 * index`, or the leaves themselves. On level l a hash covers 256^l leaves. A tile of fewer than 256 is partial.
 */
export type HashTile = {
  readonly holds: 'hashes'
  readonly level: number
  readonly index: number
  readonly width: number
}
export type EntryBundle = {
  readonly holds: 'entries'
  readonly index: number
  readonly width: number
}
export type Tile = HashTile | EntryBundle

export const fullWidth = 256

/** Below the log's URL prefix, as in `tile/0/x001/x234/067.p/8`. */
export function tilePath(tile: Tile): string {
  const kind = tile.holds === 'entries' ? 'entries' : String(tile.level)
  const partial = tile.width === fullWidth ? '' : `.p/${tile.width}`
  return `tile/${kind}/${groupsOf(tile.index).join('/')}${partial}`
}

/** The tile at a path, or undefined for a path that names none, or not by its only name. Whether a log has it: `hasTile`. */
export function parseTilePath(path: string): Tile | undefined {
  const [, kind, groups, width] =
    /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(
      path,
    ) ?? []
  if (kind === undefined) return undefined
  const index = Number(groups!.replace(/[x/]/g, ''))
  const place = { index, width: width === undefined ? fullWidth : Number(width) }
  const tile: Tile =
    kind === 'entries'
      ? { holds: 'entries', ...place }
      : { holds: 'hashes', level: Number(kind), ...place }
  const isPlace = Number.isSafeInteger(index) && tile.width > 0 && tile.width <= fullWidth
  if (!isPlace || (tile.holds === 'hashes' && tile.level > maxLevel)) return undefined
  // Written again, it must be the same: a leading zero would be a second name for one tile.
  return tilePath(tile) === path ? tile : undefined
}

/** Every tile of a tree of this size, the rightmost of each level at the width it has then. */
export function* tilesOf(size: number): Iterable<Tile> {
  for (const place of places(size)) yield { holds: 'entries', ...place }
  for (let level = 0, hashes = size; hashes > 0; hashes = hashesAt(++level, size))
    for (const place of places(hashes)) yield { holds: 'hashes', level, ...place }
}

/** Whether a tree of this size has the tile, at this width or, since it never changes, at a larger one. */
export function hasTile(tile: Tile, size: number): boolean {
  const hashes = hashesAt(tile.holds === 'entries' ? 0 : tile.level, size)
  return tile.index * fullWidth + tile.width <= hashes
}

/** The bytes of a tile, from the tree's complete subtrees: a hash of level l is a subtree of 2^8l leaves. */
export function encodeHashTile(hashOf: NodeHash, { level, index, width }: HashTile): Uint8Array {
  const first = index * fullWidth
  return concat(...Array.from({ length: width }, (_, i) => hashOf(8 * level, first + i)))
}

/** Throws Flaw `tile-length` unless these are the hashes of a tile of this width. */
export function parseHashTile(bytes: Uint8Array, width: number): Uint8Array[] {
  if (bytes.length !== width * hashBytes)
    refuse('tile-length', `a tile of ${width} hashes has ${width * hashBytes} bytes`)
  return Array.from({ length: width }, (_, i) => bytes.slice(i * hashBytes, (i + 1) * hashBytes))
}

/** Each entry behind its length, in two bytes. Throws Flaw `bundle-entry-length` for one over 65535 bytes. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...entries.flatMap((entry) => {
      if (entry.length > maxEntryBytes)
        refuse('bundle-entry-length', `an entry over ${maxEntryBytes} bytes`)
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]
    }),
  )
}

/** Throws Flaw unless these are as many entries as the bundle is wide, and nothing else. */
export function parseEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    if (entries.length === width) refuse('bundle-too-long', `bytes after ${width} entries`)
    const start = at + 2
    const end = start + bytes[at]! * 256 + (bytes[at + 1] ?? 0)
    if (start > bytes.length || end > bytes.length) refuse('bundle-cut', 'it ends within an entry')
    entries.push(bytes.slice(start, end))
    at = end
  }
  if (entries.length < width) refuse('bundle-too-short', `${entries.length} of ${width} entries`)
  return entries
}

function* places(hashes: number): Iterable<{ readonly index: number; readonly width: number }> {
  const full = Math.floor(hashes / fullWidth)
  for (let index = 0; index < full; index++) yield { index, width: fullWidth }
  const rest = hashes % fullWidth
  if (rest > 0) yield { index: full, width: rest }
}

/** Only full tiles are hashed into the level above. */
const hashesAt = (level: number, size: number): number => Math.floor(size / fullWidth ** level)

/** Three digits each, all but the last behind an x, so that no file has the name of a folder. */
function groupsOf(index: number): string[] {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/.{3}/g) ?? []
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group))
}

function refuse(code: FlawCode, why: string): never {
  throw new Flaw(code, `tiles: ${why}`)
}

const maxLevel = 63
const hashBytes = 32
const maxEntryBytes = 0xffff

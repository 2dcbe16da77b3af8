import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, utf8 } from '../../../src/audit/bytes.ts'
import type { FlawCode } from '../../../src/audit/flaw.ts'
import {
  encodeEntryBundle,
  encodeHashTile,
  hasTile,
  parseEntryBundle,
  parseHashTile,
  parseTilePath,
  tilePath,
  tilesOf,
  type Tile,
} from '../../../src/audit/tiles.ts'

const flaw = (code: FlawCode) => expect.objectContaining({ name: 'Flaw', code })
const hashes = (level: number, index: number, width = 256): Tile => ({
  holds: 'hashes',
  level,
  index,
  width,
})
const entries = (index: number, width = 256): Tile => ({ holds: 'entries', index, width })
const largestIndex = Number.MAX_SAFE_INTEGER
const paths: Record<string, Tile> = {
  'tile/0/000': hashes(0, 0),
  'tile/0/999': hashes(0, 999),
  'tile/0/x001/000': hashes(0, 1000),
  'tile/9/x001/x234/067': hashes(9, 1_234_067),
  'tile/63/x009/x007/x199/x254/x740/991': hashes(63, largestIndex),
  'tile/2/000.p/1': hashes(2, 0, 1),
  'tile/10/x001/x234/067.p/255': hashes(10, 1_234_067, 255),
  'tile/entries/000': entries(0),
  'tile/entries/x001/234.p/17': entries(1234, 17),
}

describe('the path of a tile', () => {
  test.each(Object.entries(paths))('%s', (path, tile) => {
    expect(tilePath(tile)).toBe(path)
    expect(parseTilePath(path)).toEqual(tile)
  })

  test('is read back, whatever the tile', () => {
    const place = { index: fc.nat(largestIndex), width: fc.integer({ min: 1, max: 256 }) }
    const tile = fc.oneof(
      fc.record({ holds: fc.constant('entries' as const), ...place }),
      fc.record({ holds: fc.constant('hashes' as const), level: fc.nat(63), ...place }),
    )
    fc.assert(
      fc.property(tile, (one) => {
        expect(parseTilePath(tilePath(one))).toEqual(one)
      }),
    )
  })

  test.each([
    '',
    'checkpoint',
    'tile',
    'tile/',
    'tile/0',
    'tile/0/',
    '/tile/0/000',
    'tile/0/000/',
    'tile//000',
    'tile/64/000',
    'tile/100/000',
    'tile/00/000',
    'tile/01/000',
    'tile/-1/000',
    'tile/data/000',
    'tile/8/0/000',
    'tile/Entries/000',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/1000',
    'tile/0/x000',
    'tile/0/x000/000',
    'tile/0/x000/067',
    'tile/0/x000/x001/067',
    'tile/0/001/067',
    'tile/0/x001/x067',
    'tile/0/X001/067',
    'tile/0/x01/067',
    'tile/0/x001//067',
    'tile/0/x001/x001/x001/x001/x001/x001/000',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/000.p',
    'tile/0/000.p/',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/999',
    'tile/0/000.p/1000',
    'tile/0/000.p/01',
    'tile/0/000.p/+1',
    'tile/0/000.p/1/',
    'tile/0/000.P/1',
    'tile/0/000,p/1',
    'tile/0/000.p/1.p/1',
    'tile/0/x001.p/1/000',
    'tile/0/٠٠٠',
    'tile/0/0x0',
    'tile/0/ 00',
    'tile/0/000\n',
    'tile/0/000?x',
    'tile/0/../000',
    'tile/0/%30%30%30',
  ])('%j is none', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  test('with any one character left out, doubled or counted up is none, or another tile under its only name', () => {
    for (const path of Object.keys(paths)) {
      for (let at = 0; at < path.length; at++) {
        const next = String.fromCharCode(path.charCodeAt(at) + 1)
        for (const put of ['', path[at]! + path[at]!, next]) {
          const mangled = path.slice(0, at) + put + path.slice(at + 1)
          const tile = parseTilePath(mangled)
          expect(tile === undefined || tilePath(tile) === mangled, mangled).toBe(true)
          expect(tile, mangled).not.toEqual(paths[path])
        }
      }
    }
  })
})

describe('the tiles of a tree', () => {
  const widths = (size: number) => [...tilesOf(size)].map(tilePath)

  test.each<[number, string[]]>([
    [0, []],
    [1, ['tile/entries/000.p/1', 'tile/0/000.p/1']],
    [255, ['tile/entries/000.p/255', 'tile/0/000.p/255']],
    [256, ['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']],
    [257, ['tile/entries/000', 'tile/entries/001.p/1', 'tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']],
  ])('of size %d', (size, wanted) => {
    expect(widths(size)).toEqual(wanted)
  })

  test('are those it has, and no tile is beside them that a smaller tree did not have', () => {
    fc.assert(
      fc.property(fc.nat(70_000), (size) => {
        const tiles = [...tilesOf(size)]
        expect(tiles.every((tile) => hasTile(tile, size))).toBe(true)
        for (const tile of tiles) {
          // The next wider one, or the next one.
          const beyond = tile.width < 256 ? { ...tile, width: tile.width + 1 } : undefined
          if (beyond !== undefined) expect(hasTile(beyond, size), tilePath(beyond)).toBe(false)
          if (tile.width > 1) expect(hasTile({ ...tile, width: tile.width - 1 }, size)).toBe(true)
        }
        const last = tiles.findLast(({ holds }) => holds === 'entries')
        expect(hasTile(entries((last?.index ?? -1) + 1, 1), size)).toBe(false)
        expect(hasTile(hashes(4, 0, 1), size)).toBe(false)
      }),
    )
  })

  test('a full tile is not there while it is one hash short, on any level', () => {
    for (const level of [0, 1, 2, 3, 4, 5]) {
      const whole = 256 ** (level + 1)
      expect(hasTile(hashes(level, 0), whole)).toBe(true)
      expect(hasTile(hashes(level, 0), whole - 1)).toBe(false)
      expect(hasTile(hashes(level, 0, 255), whole - 1)).toBe(true)
    }
    expect(hasTile(hashes(63, 0, 1), largestIndex)).toBe(false)
    expect(hasTile(entries(largestIndex, 1), largestIndex)).toBe(false)
  })
})

describe('a hash tile', () => {
  const tile = { holds: 'hashes', level: 2, index: 3, width: 5 } as const
  const hashOf = (level: number, i: number) => new Uint8Array(32).fill(level).with(31, i % 256)

  test('holds the subtrees of its level, in their order', () => {
    const bytes = encodeHashTile(hashOf, tile)
    expect(bytes).toHaveLength(160)
    expect(parseHashTile(bytes, 5)).toEqual([0, 1, 2, 3, 4].map((i) => hashOf(16, 768 + i)))
  })

  test.each([0, 31, 159, 161, 192, 320])(
    'of %d bytes where five hashes belong is refused',
    (length) => {
      expect(() => parseHashTile(new Uint8Array(length), 5)).toThrow(flaw('tile-length'))
    },
  )
})

describe('an entry bundle', () => {
  test('holds entries of any length up to 65535 bytes, also none', () => {
    const all = [utf8('a'), new Uint8Array(), new Uint8Array(65_535).fill(7), utf8('bc')]
    const bytes = encodeEntryBundle(all)
    expect(bytes.subarray(0, 7)).toEqual(Uint8Array.of(0, 1, 0x61, 0, 0, 0xff, 0xff))
    expect(parseEntryBundle(bytes, 4)).toEqual(all)
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(flaw('bundle-entry-length'))
  })

  test('cut anywhere is refused, and so is one that goes on', () => {
    const bytes = encodeEntryBundle([utf8('abc'), utf8(''), utf8('d')])
    const whole = new Set([0, 5, 7])
    for (let end = 0; end < bytes.length; end++)
      expect(() => parseEntryBundle(bytes.subarray(0, end), 3), `${end} bytes`).toThrow(
        flaw(whole.has(end) ? 'bundle-too-short' : 'bundle-cut'),
      )
    expect(() => parseEntryBundle(concat(bytes, Uint8Array.of(0)), 3)).toThrow(
      flaw('bundle-too-long'),
    )
    expect(() => parseEntryBundle(bytes, 2)).toThrow(flaw('bundle-too-long'))
    expect(() => parseEntryBundle(bytes, 4)).toThrow(flaw('bundle-too-short'))
  })

  test('is the same after writing and reading', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 256 }), (all) => {
        expect(parseEntryBundle(encodeEntryBundle(all), all.length)).toEqual(all)
      }),
    )
  })
})

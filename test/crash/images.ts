import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Found, Image } from './disk.ts'

/** Everything below a folder and itself, folders before what is in them. */
export function found(path: string): Found[] {
  const stat = statSync(path, { bigint: true })
  if (!stat.isDirectory()) return [{ path, inode: stat.ino, bytes: readFileSync(path) }]
  const inner = readdirSync(path).flatMap((name) => found(join(path, name)))
  return [{ path, inode: stat.ino, bytes: null }, ...inner]
}

/** Writes an image of `from` to `to`, which holds no file yet. */
export function lay(image: Image, from: string, to: string): void {
  for (const [path, bytes] of image) {
    const at = join(to, path.slice(from.length))
    if (bytes === null) mkdirSync(at, { recursive: true })
    else writeFileSync(at, bytes, { mode: 0o600 })
  }
}

/** The paths at which an image is not what is found there. */
export function differences(image: Image, root: string): string[] {
  const real = new Map(found(root).map(({ path, bytes }) => [path, bytes]))
  return [...new Set([...image.keys(), ...real.keys()])].filter((path) => {
    const [a, b] = [image.get(path), real.get(path)]
    if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) !== 0
    return a !== b
  })
}

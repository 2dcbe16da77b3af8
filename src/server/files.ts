import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { Sha256 } from '#protocol'

/** One file as it is served. */
export interface ServedFile {
  readonly type: string
  readonly body: Buffer
  /** Absent where it would save little. */
  readonly brotli: Buffer | null
  readonly etag: string
  /** Its name holds its hash: it can be kept for ever. */
  readonly isImmutable: boolean
}

const maxFileBytes = 8 * 1024 * 1024
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
}

/**
 * All files of a folder by their URL path, pages without their ending, read once: what is not in the map is not served,
 * whatever a path says. Files of types that a page does not use (source maps, leftovers) and those
 * over 8 MiB are left out. No folder: no files.
 */
export function loadFiles(folder: string): ReadonlyMap<string, ServedFile> {
  if (folder === '' || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    return new Map()
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    paths.flatMap((path) => {
      const type = types[extname(path)]
      if (type === undefined || statSync(path).size > maxFileBytes) return []
      const urlPath = `/${relative(folder, path).split(sep).join('/')}`
      return [
        [
          urlPath.replace(/^\/index\.html$/, '/').replace(/\.html$/, ''),
          servedFile(readFileSync(path), type, urlPath),
        ] as const,
      ]
    }),
  )
}

/**
 * One hash over all files of the built page, by path and content: what a person was shown was drawn by this code. null
 * without a page. Lower-case hex.
 */
export function hashOfPage(folder: string): Sha256 | null {
  const files = [...loadFiles(folder)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (files.length === 0) return null
  const all = createHash('sha256')
  for (const [path, { body }] of files)
    all.update(`${path}\n${createHash('sha256').update(body).digest('hex')}\n`)
  return Sha256.parse(all.digest('hex'))
}

/** A file that is made and not read. */
export function fileOf(type: string, body: Buffer): ServedFile {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return { type, body, brotli: null, etag, isImmutable: false }
}

/** `urlPath` tells whether it can be kept for ever. */
export function servedFile(body: Buffer, type: string, urlPath: string): ServedFile {
  const isText = /^text|json|svg|wasm/.test(type)
  const brotli = isText
    ? brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
    : null
  return {
    ...fileOf(type, body),
    brotli: brotli !== null && brotli.length < body.length ? brotli : null,
    isImmutable: /^\/assets\/[^/]+-[\w-]{8}\.\w+$/.test(urlPath),
  }
}

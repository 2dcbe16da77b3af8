import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * One hash over the names and contents of files and whole folders: equal as long as nothing in them
 * changed. A path that does not exist counts as empty, so that its appearance is a change.
 *
 * @param {string} base names count relative to it: a checkout elsewhere has the same fingerprint
 * @param {readonly string[]} paths
 */
export function fingerprint(base, paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap((path) => filesBelow(join(base, path))).sort()) {
    const content = readFileSync(file)
    // The lengths keep one file's end from being read as the next one's beginning.
    hash.update(`${relative(base, file)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return []
  if (!found.isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)))
}

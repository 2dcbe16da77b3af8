import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** In which files under these folders any of the texts or bytes stands, as `path: what`. Names of files count too. */
export function findBytes(
  folders: readonly string[],
  wanted: Readonly<Record<string, string | Uint8Array>>,
): string[] {
  const found: string[] = []
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const bytes = entry.isFile() ? readFileSync(path) : Buffer.alloc(0)
      for (const [what, one] of Object.entries(wanted))
        if (bytes.includes(one) || path.includes(Buffer.from(one).toString('latin1')))
          found.push(`${path}: ${what}`)
    }
  }
  return found
}

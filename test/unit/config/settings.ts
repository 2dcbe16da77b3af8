import { readFileSync } from 'node:fs'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'

export type Document = Readonly<Record<string, unknown>>

/** A shipped example, with a reader's key in the place of the advice to put one there. */
export async function example(name: string): Promise<Document> {
  const text = readFileSync(
    new URL(`../../../config/${name}.example.json`, import.meta.url),
    'utf8',
  )
  const recipient = await identityToRecipient(await generateX25519Identity())
  return JSON.parse(
    text.replaceAll('age1-replace-with-the-public-key-that-age-keygen-prints', recipient),
  ) as Document
}

/** What stands at a path such as `issuers.0.recording`. */
export function at(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce(
      (value, key) =>
        typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined,
      document,
    )
}

/** A copy with another value at a path; `undefined` takes it away. */
export function changed(document: Document, path: string, value: unknown): Document {
  const copy = structuredClone(document)
  const [, parent = '', key = ''] = /^(?:(.*)\.)?([^.]+)$/.exec(path) ?? []
  const target = parent === '' ? copy : at(copy, parent)
  if (typeof target !== 'object' || target === null) throw new Error(`nothing at ${parent}`)
  if (value === undefined) Reflect.deleteProperty(target, key)
  else Reflect.set(target, key, value)
  return copy
}

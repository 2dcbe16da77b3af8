import { fromBase64, toBase64 } from './bytes.ts'
import {
  groups,
  saltBytes,
  type Erased,
  type Group,
  type Opening,
  type Sealed,
} from './commitment.ts'
import { Flaw } from './flaw.ts'
import { object, optional, type Shape } from './shape.ts'

/**
 * The file that opens one leaf, beside its proof: groups, salts and notice in base64, and for an erased group its digest alone.
 * Whoever holds it and a checkpoint needs nothing else from the server.
 */
export function formatOpening(opening: Opening, notice: Uint8Array | undefined): string {
  const pick = (read: (part: Sealed | Erased) => Uint8Array | undefined): Record<string, string> =>
    Object.fromEntries(
      groups.flatMap((group) => {
        const bytes = read(opening[group])
        return bytes === undefined ? [] : [[group, toBase64(bytes)]]
      }),
    )
  return JSON.stringify({
    v: 1,
    groups: pick((part) => ('digest' in part ? undefined : part.bytes)),
    salts: pick((part) => ('digest' in part ? undefined : part.salt)),
    digests: pick((part) => ('digest' in part ? part.digest : undefined)),
    ...(notice === undefined ? {} : { notice: toBase64(notice) }),
  })
}

/** Throws Flaw for anything that does not give each group once, whole or as a digest. */
export function parseOpening(json: string): {
  readonly opening: Opening
  readonly notice: Uint8Array | undefined
} {
  const file = openingFile(parseJson(json), 'opening')
  const part = (group: Group): Sealed | Erased => {
    const [bytes, salt, digest] = [file.groups[group], file.salts[group], file.digests[group]]
    if (bytes !== undefined && salt?.length === saltBytes && digest === undefined)
      return { bytes, salt }
    if (bytes === undefined && salt === undefined && digest?.length === 32) return { digest }
    throw new Flaw('opening-group', `opening: the ${group} part is neither whole nor a digest`)
  }
  return {
    opening: { core: part('core'), subject: part('subject'), proof: part('proof') },
    notice: file.notice,
  }
}

const base64: Shape<Uint8Array> = (value, at) => {
  if (typeof value !== 'string') throw new Flaw('base64', `${at} is not base64`)
  return fromBase64(value)
}
const perGroup = object({
  core: optional(base64),
  subject: optional(base64),
  proof: optional(base64),
})
const one: Shape<1> = (value, at) => {
  if (value !== 1)
    throw new Flaw('opening-version', `${at} is not 1, the version this verifier knows`)
  return value
}
const openingFile = object({
  v: one,
  groups: perGroup,
  salts: perGroup,
  digests: perGroup,
  notice: optional(base64),
})

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new Flaw('json', 'opening: not JSON', { cause })
  }
}

import { fromBase64, toBase64, utf8 } from './bytes.ts'
import {
  groups,
  saltBytes,
  type Erased,
  type Group,
  type Opening,
  type Sealed,
} from './commitment.ts'
import { Flaw } from './flaw.ts'
import { parseJwk, type PublicJwk } from './jwk.ts'
import { readJson } from './jws.ts'
import { object, one, optional, type Shape } from './shape.ts'

/** All that opens one leaf, and what is needed to understand it. */
export type OpeningFile = {
  readonly opening: Opening
  /** The key that signed the request; only beside a proof. */
  readonly statementJwk?: PublicJwk | undefined
  /** The exact bytes that were shown; not beside every record. */
  readonly notice?: Uint8Array | undefined
}

/**
 * The file beside a proof, `NAME.opening.json`: groups, salts and notice in base64, and for an erased group its digest
 * alone. Whoever holds both needs nothing else from the server.
 */
export function formatOpening({ opening, statementJwk, notice }: OpeningFile): string {
  const pick = (read: (part: Sealed | Erased) => Uint8Array | undefined) =>
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
    ...(statementJwk !== undefined && { statementJwk }),
    ...(notice !== undefined && { notice: toBase64(notice) }),
  })
}

/** Throws Flaw for anything that does not give each group once, whole or as a digest, in the one encoding there is. */
export function parseOpening(json: string): OpeningFile {
  const file = readJson(utf8(json), openingFile, 'opening')
  const part = (group: Group): Sealed | Erased => {
    const [bytes, salt, digest] = [file.groups[group], file.salts[group], file.digests[group]]
    if (bytes !== undefined && salt !== undefined && digest === undefined) {
      const sealed = { bytes: fromBase64(bytes), salt: fromBase64(salt) }
      if (sealed.salt.length === saltBytes) return sealed
    }
    if (bytes === undefined && salt === undefined && digest !== undefined) {
      const erased = { digest: fromBase64(digest) }
      if (erased.digest.length === 32) return erased
    }
    throw new Flaw('opening-group', `opening: the ${group} part is neither whole nor a digest`)
  }
  return {
    opening: { core: part('core'), subject: part('subject'), proof: part('proof') },
    statementJwk: file.statementJwk,
    notice: file.notice === undefined ? undefined : fromBase64(file.notice),
  }
}

/** A text that is checked here and decoded later: `readJson` must be able to write it again. */
const base64: Shape<string> = (value, at) => {
  if (typeof value !== 'string') throw new Flaw('base64', `${at} is not base64`)
  fromBase64(value)
  return value
}
const perGroup = object({
  core: optional(base64),
  subject: optional(base64),
  proof: optional(base64),
})
const openingFile = object({
  v: one,
  groups: perGroup,
  salts: perGroup,
  digests: perGroup,
  statementJwk: optional(parseJwk),
  notice: optional(base64),
})

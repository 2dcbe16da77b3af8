import { fromBase64, fromUtf8, toBase64, utf8 } from './bytes.ts'
import { Flaw } from './flaw.ts'

/** Why something was erased. A closed list, so that no free text slips into what can never be erased again. */
export const erasureReasons = [
  /** Only who it was: the name and the account. */
  'name-on-request',
  'name-by-operator',
  /** All of the entry. */
  'on-request',
  'by-operator',
  'retention',
] as const
export type ErasureReason = (typeof erasureReasons)[number]

/** Whether what happened, and not only who it was, is gone. */
export const isWhole = (reason: ErasureReason): boolean => !reason.startsWith('name-')

/**
 * What a leaf of the tree says. Nothing about a person in any of them: what is in the tree can never be erased.
 *  - `record`: 69 bytes, a commitment to an entry.
 *  - `erasure`: what opened an earlier entry is gone, and why. Names an index, never a person.
 *  - `shard`: the first leaf of a log that takes the place of another one.
 */
export type Leaf =
  | { readonly kind: 'record'; readonly commitment: Uint8Array }
  | { readonly kind: 'erasure'; readonly index: number; readonly reason: ErasureReason }
  | {
      readonly kind: 'shard'
      readonly origin: string
      readonly size: number
      readonly root: Uint8Array
    }

export const recordLeaf = (commitment: Uint8Array): Uint8Array =>
  utf8(`${label}record\n${toBase64(commitment)}\n`)

export const erasureLeaf = (index: number, reason: ErasureReason): Uint8Array =>
  utf8(`${label}erasure\n${index}\n${reason}\n`)

export const shardLeaf = (origin: string, size: number, root: Uint8Array): Uint8Array =>
  utf8(`${label}shard\n${origin}\n${size}\n${toBase64(root)}\n`)

/** Throws Flaw for anything but one of these, to the byte. */
export function parseLeaf(leaf: Uint8Array): Leaf {
  const text = fromUtf8(leaf)
  if (!text.startsWith(label) || !text.endsWith('\n')) refuse('not a leaf of this kind of log')
  const [kind, ...lines] = text.slice(label.length, -1).split('\n')
  const [first = '', second = '', third = ''] = lines
  switch (`${kind} ${lines.length}`) {
    case 'record 1':
      return { kind: 'record', commitment: hashIn(first, 'leaf-commitment', 'a commitment') }
    case 'erasure 2':
      return { kind: 'erasure', index: numberIn(first), reason: reasonIn(second) }
    case 'shard 3':
      return {
        kind: 'shard',
        origin: originIn(first),
        size: numberIn(second),
        root: hashIn(third, 'leaf-form', 'a root'),
      }
    default:
      return refuse('not a leaf of this kind of log')
  }
}

/** The commitment in a record leaf. Throws Flaw for any other. */
export function parseRecordLeaf(leaf: Uint8Array): Uint8Array {
  const parsed = parseLeaf(leaf)
  return parsed.kind === 'record' ? parsed.commitment : refuse('not a record leaf')
}

function hashIn(text: string, code: 'leaf-commitment' | 'leaf-form', what: string): Uint8Array {
  const bytes = fromBase64(text)
  if (bytes.length !== 32) throw new Flaw(code, `${what} has 32 bytes`)
  return bytes
}

function numberIn(text: string): number {
  const number = Number(text)
  return /^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(number)
    ? number
    : refuse('not a decimal number')
}

const reasonIn = (text: string): ErasureReason =>
  erasureReasons.find((reason) => reason === text) ?? refuse('a reason that nobody knows')

const originIn = (text: string): string =>
  /^[^\p{White_Space}\p{Cc}+]{1,255}$/u.test(text) ? text : refuse('no name of a log')

function refuse(why: string): never {
  throw new Flaw('leaf-form', why)
}

const label = 'consent-audit/v1 '

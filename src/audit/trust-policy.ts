import { equal, type Sha256 } from './bytes.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import { parseVerifierKey, parseWitnessKey, type KeyType, type Verifier } from './verifier-key.ts'

/**
 * Whom a verifier trusts (C2SP tlog-policy): these logs, and of these witnesses as many as the quorum asks for. Names of
 * witnesses and groups mean something within one policy only.
 */
export type TrustPolicy = {
  readonly logs: readonly { readonly key: Verifier; readonly url: string | undefined }[]
  readonly witnesses: readonly PolicyWitness[]
  /** In the order of the file: each names only what stands before it. */
  readonly groups: readonly PolicyGroup[]
  /** Undefined for `none`: the log's own signature is enough. */
  readonly quorum: string | undefined
}
export type PolicyWitness = {
  readonly name: string
  readonly key: Verifier<'cosignature'>
  readonly url: string | undefined
}
export type PolicyGroup = {
  readonly name: string
  readonly threshold: number
  readonly members: readonly string[]
}

/** Who trusts one log and asks for no witness. `vkey`: its verifier key. Throws Flaw. */
export async function trustInLog(sha256: Sha256, vkey: string): Promise<TrustPolicy> {
  const key = await parseVerifierKey(sha256, vkey)
  return { logs: [{ key, url: undefined }], witnesses: [], groups: [], quorum: undefined }
}

/** Throws a Flaw that names the line, unless the whole file is as the specification wants it. */
export async function parsePolicy(sha256: Sha256, file: string): Promise<TrustPolicy> {
  const draft: Draft = { logs: [], witnesses: [], groups: [], names: new Set(), members: new Set() }
  for (const line of linesOf(file)) {
    const [keyword, ...words] = line.words
    const read =
      readers.get(keyword!) ??
      refuse('policy-keyword', line, 'neither log, witness, group nor quorum')
    await read(sha256, draft, { ...line, words })
  }
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) throw new Flaw('policy-quorum-missing', 'policy: no quorum line')
  return { logs, witnesses, groups, quorum: quorum === none ? undefined : quorum }
}

type Draft = {
  readonly logs: TrustPolicy['logs'][number][]
  readonly witnesses: PolicyWitness[]
  readonly groups: PolicyGroup[]
  readonly names: Set<string>
  readonly members: Set<string>
  quorum?: string
}
type Line = { readonly at: number; readonly words: readonly string[] }
type Reader = (sha256: Sha256, draft: Draft, line: Line) => void | Promise<void>

/** The lines that say something, with their numbers. */
function linesOf(file: string): Line[] {
  if (file.length > maxLength)
    throw new Flaw('policy-too-long', `policy: over ${maxLength} characters`)
  const lines = file.split('\n').map((text, i) => ({ at: i + 1, text }))
  const last = lines.pop()!
  // A file that was cut off could ask for less than the whole one did.
  if (last.text !== '') refuse('policy-unterminated', last, 'does not end in a line feed')
  for (const line of lines)
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line.text) || !line.text.isWellFormed())
      refuse('policy-character', line, 'a control character, or no Unicode')
  return lines
    .map(({ at, text }) => ({ at, words: text.split(/[ \t]+/).filter((word) => word !== '') }))
    .filter(({ words: [first] }) => first !== undefined && !first.startsWith('#'))
}

async function readLog(sha256: Sha256, { logs }: Draft, line: Line): Promise<void> {
  const [vkey, url] = line.words
  if (vkey === undefined || line.words.length > 2)
    refuse('policy-fields', line, 'not log KEY [URL]')
  const key = await keyOn(line, parseVerifierKey(sha256, vkey))
  refuseSecond(logs, key, line)
  logs.push({ key, url })
}

async function readWitness(sha256: Sha256, draft: Draft, line: Line): Promise<void> {
  const [name, vkey, url] = line.words
  if (name === undefined || vkey === undefined || line.words.length > 3)
    refuse('policy-fields', line, 'not witness NAME KEY [URL]')
  const key = await keyOn(line, parseWitnessKey(sha256, vkey))
  refuseSecond(draft.witnesses, key, line)
  define(draft, name, line)
  draft.witnesses.push({ name, key, url })
}

function readGroup(_: Sha256, draft: Draft, line: Line): void {
  const [name, count, ...members] = line.words
  if (name === undefined || count === undefined || members.length === 0)
    refuse('policy-fields', line, 'not group NAME all|any|NUMBER MEMBER…')
  const threshold = thresholdOf(count, members.length)
  if (threshold === undefined)
    refuse('policy-threshold', line, 'neither all, any, nor a number from 1 to that of the members')
  for (const member of members) {
    if (!draft.names.has(member))
      refuse('policy-name-unknown', line, 'a member that no line before it defines')
    // Counted twice, one witness could be a quorum of two.
    if (draft.members.has(member))
      refuse('policy-member-twice', line, 'a member that is one already, here or elsewhere')
    draft.members.add(member)
  }
  define(draft, name, line)
  draft.groups.push({ name, threshold, members })
}

function readQuorum(_: Sha256, draft: Draft, line: Line): void {
  const [name] = line.words
  if (name === undefined || line.words.length > 1)
    refuse('policy-fields', line, 'not quorum NAME|none')
  if (draft.quorum !== undefined) refuse('policy-quorum-twice', line, 'a second quorum')
  if (name !== none && !draft.names.has(name))
    refuse('policy-name-unknown', line, 'a quorum that no line before it defines')
  draft.quorum = name
}

function define({ names }: Draft, name: string, line: Line): void {
  if (name === none) refuse('policy-name-reserved', line, 'none cannot be defined')
  if (names.has(name)) refuse('policy-name-twice', line, 'a name that is taken')
  names.add(name)
}

async function keyOn<Key>(line: Line, parsing: Promise<Key>): Promise<Key> {
  return parsing.catch((cause: unknown) => {
    if (!(cause instanceof Flaw)) throw cause
    return refuse('policy-key', line, cause.message, { cause })
  })
}

/** One key under two names would count as two. */
function refuseSecond(
  others: readonly { readonly key: Verifier<KeyType> }[],
  { publicKey }: Verifier<KeyType>,
  line: Line,
): void {
  if (others.some(({ key }) => equal(key.publicKey, publicKey)))
    refuse('policy-key-twice', line, 'a key that another line has')
}

function thresholdOf(count: string, members: number): number | undefined {
  if (count === 'all') return members
  if (count === 'any') return 1
  const threshold = /^[1-9][0-9]{0,8}$/.test(count) ? Number(count) : members + 1
  return threshold <= members ? threshold : undefined
}

function refuse(
  code: FlawCode,
  { at }: { readonly at: number },
  why: string,
  options?: ErrorOptions,
): never {
  throw new Flaw(code, `policy line ${at}: ${why}`, options)
}

const none = 'none'
const maxLength = 100_000
const readers = new Map<string, Reader>([
  ['log', readLog],
  ['witness', readWitness],
  ['group', readGroup],
  ['quorum', readQuorum],
])

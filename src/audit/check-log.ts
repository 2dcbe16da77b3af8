import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { CallError } from '#protocol'
import { toBase64 } from './bytes.ts'
import { checkGuard, checkNoted, type GuardCode } from './check-guard.ts'
import { checkKept, type Kept, type KeptCode, type LogHere } from './check-kept.ts'
import { checkOpenings, type OpeningCode, type OpeningsReport } from './check-openings.ts'
import { checkRecordings, type FoundRecording, type RecordingCode } from './check-recordings.ts'
import { checkSignatures, type SignatureCode, type SignaturesReport } from './check-signatures.ts'
import { checkTree, type TreeCode } from './check-tree.ts'
import { refuseOtherTables, schemaOf } from './database.ts'
import { erasuresFile, readErasures } from './erasure-journal.ts'
import type { Finding, GrammarCode } from './findings.ts'
import { Flaw } from './flaw.ts'
import { GrammarReader } from './grammar.ts'
import { readGuard } from './guard.ts'
import { parseJwk } from './jwk.ts'
import { schema as keysSchema } from './keyring.ts'
import { parseLeaf } from './leaf.ts'
import { rootFromNodes } from './node-proofs.ts'
import { platformSha256 as sha256 } from './platform-sha256.ts'
import {
  damage,
  LogReader,
  openSnapshot,
  VaultReader,
  type KeyFiles,
} from './readers.ts'
import { nodeCount } from './right-edge.ts'
import { logSchema, vaultSchema } from './schema.ts'
import type { StoredLeaf } from './store.ts'
import { parseVerifierKey, type Verifier } from './verifier-key.ts'

export type LogCode =
  | TreeCode
  | OpeningCode
  | SignatureCode
  | GrammarCode
  | KeptCode
  | RecordingCode
  | 'database-damaged'
  | 'schema-changed'
  | 'keys-missing'
  | GuardCode
export type LogFinding = Finding<LogCode>

export type LogReport = {
  readonly origin: string
  readonly size: number
  /** Base64, as in checkpoints. */
  readonly root: string
  /** Whose place it takes, and how far that had come, as its first leaf says. */
  readonly succeeds: { readonly origin: string; readonly size: number; readonly root: string } | null
  readonly checked: {
    readonly nodes: number
    readonly checkpoints: number
    readonly kept: number
    /** Null when the tree alone was checked, or keys.db is gone: then nothing is known of what the entries say. */
    readonly entries: {
      readonly openings: number
      readonly erasedGroups: number
      readonly erasedEntries: number
      /** Yeses on which gates rest, among them. */
      readonly erasedYeses: number
      readonly notices: number
      readonly records: number
      readonly signed: number
      readonly attested: number
      readonly recordings: number
    } | null
  }
  readonly findings: readonly LogFinding[]
}

export type LogFiles = {
  readonly log: string
  readonly vault: string
  /** Undefined: the tree alone is checked. */
  readonly keys: KeyFiles | undefined
  readonly guard: string | undefined
  readonly vkey: string
  /** What others kept of it, and recordings that lie with it; none when left out. */
  readonly kept?: readonly Kept[]
  readonly recordings?: readonly FoundRecording[]
}

/**
 * Everything a stored log says, proven or refuted, without writing to it and while its server may run. Throws
 * BAD_REQUEST for an unusable key, LOG_UNAVAILABLE or LOG_CORRUPT for files of which nothing can be said, such as those of
 * another version.
 */
export async function checkLog(files: LogFiles): Promise<LogReport> {
  const { log: logPath, vault, keys, guard, vkey, kept = [], recordings = [] } = files
  const verifier = await verifierOf(vkey)
  // The server writes the vault, then the log, then the guard: read in the other order, nothing seen here is ahead of there.
  const mark = guard === undefined ? undefined : readGuard(guard, verifier.name)
  using logFile = closing(openSnapshot(logPath))
  using vaultFile = closing(openSnapshot(vault))
  refuseOtherTables(logFile.database, logPath, logSchema)
  refuseOtherTables(vaultFile.database, vault, vaultSchema)
  // Noted before it is done, so read after.
  const noted = guard === undefined ? undefined : readErasures(erasuresFile(guard), verifier.name)
  const log = new LogReader(logFile.database)
  const tree = await checkTree(
    sha256,
    {
      leaves: log.leaves(),
      nodeHash: (level, i) => log.nodeHash(level, i),
      nodeTotal: log.nodeTotal(),
      head: log.head(),
      checkpoints: log.checkpoints(),
    },
    verifier,
  )
  const here = {
    log: verifier,
    size: tree.size,
    rootAt: (at: number) => (at > tree.size ? undefined : rootOf(log, at)),
  }
  const hasKeys = keys !== undefined && existsSync(keys.keys)
  const entries = hasKeys
    ? await checkEntries(log, vaultFile.database, { keys, here, recordings })
    : undefined
  return {
    origin: verifier.name,
    size: tree.size,
    root: toBase64(tree.root),
    succeeds: succeededBy(log.leaves()),
    checked: {
      nodes: nodeCount(tree.size),
      checkpoints: tree.checkpoints,
      kept: kept.length,
      entries: entries ? { ...countsOf(entries), recordings: recordings.length } : null,
    },
    findings: [
      ...checkFile('log.db', logFile.database, logSchema),
      ...checkFile('vault.db', vaultFile.database, vaultSchema),
      ...tree.findings,
      ...(mark === undefined ? [] : checkGuard(mark, log.leaves(), tree.size)),
      ...(noted === undefined ? [] : checkNoted(vaultFile.database, noted)),
      ...(await checkKept(sha256, kept, { ...here, opened: entries?.openings })),
      ...(keys === undefined || hasKeys ? [] : [keysMissing]),
      ...(entries?.findings ?? []),
    ],
  }
}

/** Null as well for a leaf that is none, which is found elsewhere. */
function succeededBy(leaves: Iterable<StoredLeaf>): LogReport['succeeds'] {
  const [first] = leaves
  try {
    const leaf = first && parseLeaf(first.leaf)
    if (leaf?.kind !== 'shard') return null
    return { origin: leaf.origin, size: leaf.size, root: toBase64(leaf.root) }
  } catch (error) {
    if (error instanceof Flaw) return null
    throw error
  }
}

/** A server makes them before its first entry and never removes the file. */
const keysMissing: LogFinding = {
  code: 'keys-missing',
  index: null,
  message: 'keys.db is gone, and with it what every entry says; restore it from a backup',
}

type Entries = {
  readonly openings: OpeningsReport
  readonly erasedYeses: number
  readonly signatures: SignaturesReport
  readonly findings: readonly LogFinding[]
}

/** What the leaves commit to: that it is there, who signed it, and the story it tells. */
async function checkEntries(
  log: LogReader,
  database: DatabaseSync,
  {
    keys,
    here: { log: verifier, rootAt },
    recordings,
  }: {
    readonly keys: KeyFiles
    readonly here: Omit<LogHere, 'opened'>
    readonly recordings: readonly FoundRecording[]
  },
): Promise<Entries> {
  using vault = new VaultReader(database, keys)
  const openings = checkOpenings(sha256, {
    leaves: log.leaves(),
    openingOf: (index) => vault.openingOf(index),
    notices: vault.notices(),
    pending: vault.pending(),
  })
  const signatures = await checkSignatures(sha256, openings.entries, {
    statementKey: (kid) => {
      const jwk = vault.statementKey(kid)
      return jwk === undefined ? undefined : parseJwk(JSON.parse(jwk))
    },
    rootAt,
  })
  const grammar = new GrammarReader(verifier.name, openings.erased)
  const story = openings.entries.flatMap((entry) => grammar.read(entry))
  return {
    openings,
    erasedYeses: grammar.forgotten,
    signatures,
    findings: [
      ...checkFile('keys.db', vault.keys, keysSchema),
      ...openings.findings,
      ...signatures.findings,
      ...story,
      ...grammar.conclude(),
      ...checkRecordings(recordings, openings.entries, grammar),
    ],
  }
}

/** Undefined where the tree lacks a node, which `checkTree` has found already. */
function rootOf(log: LogReader, size: number): Uint8Array | undefined {
  let isWhole = true
  const root = rootFromNodes(
    sha256,
    (level, i) => {
      const hash = log.nodeHash(level, i)
      isWhole &&= hash !== undefined
      return hash ?? new Uint8Array(32)
    },
    size,
  )
  return isWhole ? root : undefined
}

const countsOf = ({ openings, erasedYeses, signatures }: Entries) => ({
  openings: openings.openings,
  erasedGroups: openings.erasedGroups,
  erasedEntries: openings.erased.size,
  erasedYeses,
  notices: openings.notices,
  records: openings.entries.length,
  signed: signatures.signed,
  attested: signatures.attested,
})

async function verifierOf(vkey: string): Promise<Verifier> {
  try {
    return await parseVerifierKey(sha256, vkey)
  } catch (cause) {
    throw new CallError(
      'BAD_REQUEST',
      'this is no verifier key; it looks like name+0123abcd+AbC…',
      { cause },
    )
  }
}

function checkFile(
  name: string,
  database: DatabaseSync,
  expected: readonly string[],
): LogFinding[] {
  const damaged = damage(database).map(
    (found): LogFinding => ({
      code: 'database-damaged',
      index: null,
      message: `${name}: ${found}`,
    }),
  )
  const actual = schemaOf(database)
  const changed = (what: string, sql: string): LogFinding => ({
    code: 'schema-changed',
    index: null,
    message: `${name} ${what}: ${/^CREATE \w+ \w+/.exec(sql)?.[0] ?? sql.slice(0, 40)}`,
  })
  return [
    ...damaged,
    ...expected
      .filter((sql) => !actual.includes(sql))
      .map((sql) => changed('lacks, or has changed', sql)),
    ...actual
      .filter((sql) => !expected.includes(sql))
      .map((sql) => changed('has what it should not have', sql)),
  ]
}

const closing = (database: DatabaseSync): Disposable & { database: DatabaseSync } => ({
  database,
  [Symbol.dispose]: () => database.close(),
})

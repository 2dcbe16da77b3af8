import { hash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { CallError } from '#protocol'
import { equal, toBase64, type Sha256 } from './bytes.ts'
import { checkOpenings, type OpeningCode } from './check-openings.ts'
import { checkTree, type TreeCode } from './check-tree.ts'
import type { Finding, GrammarCode } from './findings.ts'
import { checkGrammar } from './grammar.ts'
import { readGuard, type Mark } from './guard.ts'
import { damage, LogReader, openSnapshot, schemaOf, VaultReader } from './readers.ts'
import { appendLeaf, edgeRoot, emptyEdge, nodeCount } from './right-edge.ts'
import { logSchema, vaultSchema } from './schema.ts'
import type { StoredLeaf } from './store.ts'
import { parseVerifierKey, type Verifier } from './verifier-key.ts'

export type LogCode =
  | TreeCode
  | OpeningCode
  | GrammarCode
  | 'database-damaged'
  | 'schema-changed'
  | 'guard-ahead'
  | 'guard-root'
export type LogFinding = Finding<LogCode>

export type LogReport = {
  readonly origin: string
  readonly size: number
  /** Base64, as in checkpoints. */
  readonly root: string
  readonly checked: {
    readonly nodes: number
    readonly checkpoints: number
    readonly openings: number
    readonly erasedGroups: number
    readonly notices: number
    readonly records: number
  }
  readonly findings: readonly LogFinding[]
}

export type LogFiles = {
  readonly log: string
  readonly vault: string
  readonly guard: string | undefined
  readonly vkey: string
}

/**
 * Everything a stored log says, proven or refuted, without writing to it and while its server may run. Throws
 * BAD_REQUEST for an unusable key, LOG_UNAVAILABLE or LOG_CORRUPT for files of which nothing can be said.
 */
export async function checkLog({
  log: logPath,
  vault: vaultPath,
  guard,
  vkey,
}: LogFiles): Promise<LogReport> {
  const verifier = await verifierOf(vkey)
  // The server writes the vault, then the log, then the guard: read in the other order, nothing seen here is ahead of there.
  const mark = guard === undefined ? undefined : readGuard(guard, verifier.name)
  using logFile = closing(openSnapshot(logPath))
  using vaultFile = closing(openSnapshot(vaultPath))
  const files: LogFinding[] = [
    ...checkFile('log.db', logFile.database, logSchema),
    ...checkFile('vault.db', vaultFile.database, vaultSchema),
  ]
  const log = new LogReader(logFile.database)
  const vault = new VaultReader(vaultFile.database)

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
  const openings = checkOpenings(sha256, {
    leaves: log.leaves(),
    openingOf: (index) => vault.openingOf(index),
    notices: vault.notices(),
  })
  return {
    origin: verifier.name,
    size: tree.size,
    root: toBase64(tree.root),
    checked: {
      nodes: nodeCount(tree.size),
      checkpoints: tree.checkpoints,
      openings: openings.openings,
      erasedGroups: openings.erasedGroups,
      notices: openings.notices,
      records: openings.opened.length,
    },
    findings: [
      ...files,
      ...tree.findings,
      ...(mark === undefined ? [] : checkGuard(mark, log.leaves(), tree.size)),
      ...openings.findings,
      ...checkGrammar(openings.opened, verifier.name),
    ],
  }
}

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

/** The guard saw a tree; this log must begin with it. */
function checkGuard(
  { size, root }: Mark,
  leaves: Iterable<StoredLeaf>,
  here: number,
): LogFinding[] {
  if (size > here) {
    return [
      {
        code: 'guard-ahead',
        index: here,
        message: `the guard has seen ${size} entries, ${here} are here: an older log was put in place`,
      },
    ]
  }
  let edge = emptyEdge
  for (const { leafHash } of leaves) {
    if (edge.size === size) break
    edge = appendLeaf(sha256, edge, leafHash)[0]
  }
  if (equal(edgeRoot(sha256, edge), root)) return []
  return [
    {
      code: 'guard-root',
      index: null,
      message: `the first ${size} entries are not those that the guard has seen`,
    },
  ]
}

const closing = (database: DatabaseSync): Disposable & { database: DatabaseSync } => ({
  database,
  [Symbol.dispose]: () => database.close(),
})

const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer')

import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { fromUtf8 } from './bytes.ts'
import { groups, type Erased, type Sealed } from './commitment.ts'
import { integer, rows, text } from './database.ts'
import { decodeCore } from './entry.ts'
import { pseudonymOf, type Keyring, type Pseudonym } from './keyring.ts'
import type { KnownPerson, OpenedEntry, SessionEvidence } from './questions.ts'
import { subjectRecord, type SubjectRecord } from './records.ts'
import { openingColumns, openingTables, readOpening, textOrNull } from './vault-rows.ts'

/** What the vault can be asked about people and sessions. Reads only. */
export class VaultQueries {
  readonly #keys: Keyring
  readonly #pseudonym: Pseudonym
  readonly #sql

  constructor(database: DatabaseSync, keys: Keyring, master: Buffer) {
    this.#keys = keys
    this.#pseudonym = pseudonymOf(master)
    this.#sql = prepare(database)
  }

  /** Every session in which something about this account was written. */
  people(issuer: string, account: string): KnownPerson[] {
    return [
      ...rows(
        this.#sql.people,
        (row) => ({
          ref: text(row['ref']),
          session: text(row['session']),
          sinceMs: integer(row['since_ms']),
        }),
        this.#pseudonym(issuer, account),
      ),
    ]
  }

  entriesOf(refs: readonly string[]): OpenedEntry[] {
    return refs
      .flatMap((ref) => [...rows(this.#sql.ofRef, (row) => this.#open(row), ref)])
      .toSorted((a, b) => a.index - b.index)
  }

  entriesIn(session: string | null): OpenedEntry[] {
    const statement = session === null ? this.#sql.ofServer : this.#sql.ofSession
    return [...rows(statement, (row) => this.#open(row), ...(session === null ? [] : [session]))]
  }

  evidence(): SessionEvidence[] {
    return [
      ...rows(this.#sql.evidence, (row) => ({
        session: text(row['session']),
        endedMs: row['ended_ms'] === null ? null : integer(row['ended_ms']),
        lastMs: integer(row['last_ms']),
        evidenceDays: row['days'] === null ? null : integer(row['days']),
      })),
    ]
  }

  #open(row: Record<string, SQLOutputValue>): OpenedEntry {
    const index = integer(row['idx'])
    const { opening, locked } = readOpening(index, row, (id) => this.#keys.find(id))
    const isErased = (part: Sealed | Erased): boolean => 'digest' in part
    return {
      index,
      ref: textOrNull(row['ref']),
      timeMs: integer(row['time_ms']),
      core: 'bytes' in opening.core ? decodeCore(opening.core.bytes) : null,
      subject: subjectIn(opening.subject),
      isSigned: 'bytes' in opening.proof && opening.proof.bytes.length > 0,
      erased: groups.filter((group) => isErased(opening[group]) && !locked.includes(group)),
    }
  }
}

function subjectIn(part: Sealed | Erased): SubjectRecord | null {
  if ('digest' in part || part.bytes.length === 0) return null
  const value: unknown = JSON.parse(fromUtf8(part.bytes))
  return subjectRecord(value, 'subject')
}

function prepare(database: DatabaseSync) {
  const opened = `SELECT ${openingColumns}, ref, time_ms FROM ${openingTables} WHERE`
  return {
    people: database.prepare(
      'SELECT ref, session, since_ms FROM owner WHERE account = ? ORDER BY since_ms, no',
    ),
    ofRef: database.prepare(`${opened} ref = ? ORDER BY idx`),
    ofSession: database.prepare(`${opened} session = ? ORDER BY idx`),
    ofServer: database.prepare(`${opened} session IS NULL ORDER BY idx`),
    // A session whose last request is not over yet has no end, whatever ended before.
    evidence: database.prepare(`SELECT session, max(evidence_days) AS days,
      CASE WHEN count(DISTINCT CASE WHEN type = 'request' THEN request END)
          > count(DISTINCT CASE WHEN type = 'request-over' THEN request END)
        THEN NULL ELSE max(CASE WHEN type IN ('request-over', 'effect-stopped')
          THEN time_ms END) END AS ended_ms,
      coalesce(max(CASE WHEN type NOT IN ('access', 'destroyed', 'hold') THEN time_ms END),
        max(time_ms)) AS last_ms
      FROM ${openingTables} WHERE session IS NOT NULL GROUP BY session`),
  }
}

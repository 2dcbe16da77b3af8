import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { expect } from 'vitest'
import { checkLog, openConsentLog, type ConsentLog, type CoreRecord, type LogReport } from '#audit'
import type { SessionId } from '#protocol'
import { openVault, type Vault } from '#recording'
import { evidenceShelf } from '../../../src/privacy/evidence.ts'
import type { KeptWorld } from '../../../src/privacy/kept.ts'
import { recordingShelf } from '../../../src/privacy/recordings.ts'
import { dayMs, type Lives } from '../../../src/privacy/retention.ts'
import type { Shelf } from '../../../src/privacy/shelf.ts'
import { Sweeper, type Swept } from '../../../src/privacy/sweeper.ts'
import { logFiles, logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'
import { recordCall, type RecordedCall } from '../../support/recorded-call.ts'

/** A data folder with a real log and real recordings, whose clock a test moves. */
export class SweptFolder implements AsyncDisposable {
  readonly dir: string
  readonly log: ConsentLog
  readonly vault: Vault
  /** The log never goes back, and its own clock stands at the real time once it has buried something. */
  readonly clock = { now: Date.now() - 4000 * dayMs }
  readonly live = new Set<SessionId>()
  readonly told: string[] = []
  lives: Lives = { recording: 365, evidence: 1095, 'rights-request': 365, backup: 30 }
  readonly #recipient: string
  readonly #statements
  readonly #timers = new Map<() => void, number>()

  static async open(): Promise<SweptFolder> {
    const dir = await mkdtemp(join(tmpdir(), 'assent-swept-'))
    const recipient = await identityToRecipient(await generateX25519Identity())
    const folder: { clock?: { now: number } } = {}
    const statements = newStatementKey()
    const log = await openConsentLog({
      ...logOptions(dir, statements),
      now: () => folder.clock?.now ?? 0,
      onFailed: () => undefined,
    })
    const swept = new SweptFolder(dir, log, recipient, statements)
    folder.clock = swept.clock
    await swept.vault.recover()
    return swept
  }

  private constructor(
    dir: string,
    log: ConsentLog,
    recipient: string,
    statements: ReturnType<typeof newStatementKey>,
  ) {
    this.dir = dir
    this.log = log
    this.#recipient = recipient
    this.#statements = statements
    this.vault = openVault({
      folder: this.recordingsDir,
      logOrigin: log.origin,
      removedFile: join(dir, 'guard.recordings'),
    })
  }

  get recordingsDir(): string {
    return join(this.dir, 'recordings')
  }

  call(
    names: readonly string[],
    terms: { recordingDays?: number; evidenceDays?: number } = {},
  ): Promise<RecordedCall> {
    const { log, clock, recordingsDir } = this
    const stage = { log, clock, recordingsDir, statements: this.#statements }
    return recordCall({ ...stage, recipient: this.#recipient }, { names, ...terms })
  }

  /** `change`: a part of the world that is broken. */
  sweeper(change: Partial<KeptWorld> = {}, more: readonly Shelf[] = []): Sweeper {
    const world: KeptWorld = {
      log: this.log,
      vault: this.vault,
      recordingsDir: this.recordingsDir,
      lives: this.lives,
      isLive: (session) => this.live.has(session),
      now: () => this.clock.now,
      ...change,
    }
    return new Sweeper({
      log: world.log,
      shelves: [recordingShelf(world), evidenceShelf(world), ...more],
      clock: {
        now: () => this.clock.now,
        after: (ms, run) => {
          this.#timers.set(run, this.clock.now + ms)
          return () => this.#timers.delete(run)
        },
      },
      observe: {
        swept: (kind) => this.told.push(`swept ${kind}`),
        sweepFailed: (kind) => this.told.push(`failed ${kind}`),
        sweepEnded: (_, held) => this.told.push(`ended, ${held} held`),
        setPendingTombstones: (count) => this.told.push(`${count} pending`),
      },
      failed: (_, { kind, id }) => this.told.push(`cannot remove ${kind} ${id ?? ''}`.trimEnd()),
    })
  }

  /** Time passes; what waits for it runs. Resolves when that is done. */
  async pass(ms: number, sweeper: Sweeper): Promise<void> {
    this.clock.now += ms
    for (const [run, at] of this.#timers) {
      if (at > this.clock.now) continue
      this.#timers.delete(run)
      run()
    }
    await sweeper.run({ cause: 'operator', entity: 'test' }, { isDry: true })
  }

  get timers(): number {
    return this.#timers.size
  }

  async cores(session: string | null): Promise<CoreRecord[]> {
    const entries = await this.log.ask({ what: 'session', session })
    return entries.flatMap(({ core }) => (core === null ? [] : [core]))
  }

  recordings(): string[] {
    return readdirSync(this.recordingsDir)
  }

  async verify(): Promise<LogReport> {
    const report = await checkLog({ ...logFiles(this.dir), vkey: this.log.vkey })
    expect(report.findings).toEqual([])
    return report
  }

  /** Every byte that is kept of a call, sealed or not, so that a search can show that it was there and is gone. */
  traces({ session, people, folder, notice, requestId }: RecordedCall): Record<string, Uint8Array | string> {
    using vault = new DatabaseSync(join(this.dir, 'log/vault.db'), { readOnly: true })
    using keys = new DatabaseSync(join(this.dir, 'log/keys.db'), { readOnly: true })
    const traces: Record<string, Uint8Array | string> = { session, requestId, notice: notice.slice(50, 200) }
    const keep = (what: string, value: unknown): void => {
      // A long value is spread over several pages of the file.
      if (value instanceof Uint8Array && value.length >= 16) traces[what] = value.subarray(0, 100)
    }
    const ofCall = 'SELECT opening.* FROM opening JOIN owner ON no = owner WHERE session = ?'
    for (const row of vault.prepare(ofCall).all(session))
      for (const [column, value] of Object.entries(row))
        keep(`opening ${String(row['idx'])} ${column}`, value)
    for (const { ref, name, account } of people) {
      Object.assign(traces, { [`ref ${name}`]: ref, [`name ${name}`]: name, [`account ${name}`]: account })
      for (const { sealed } of vault.prepare('SELECT sealed FROM notice WHERE asker = ?').all(ref))
        keep('notice, sealed', sealed)
      for (const row of vault.prepare('SELECT account FROM owner WHERE ref = ?').all(ref))
        keep(`pseudonym ${name}`, row['account'])
    }
    const owners = [session, ...people.map(({ ref }) => ref)]
    for (const owner of owners)
      for (const row of keys.prepare('SELECT id, wrapped FROM subject_key WHERE id LIKE ?').all(`${owner}/%`))
        keep(`key ${String(row['id'])}`, row['wrapped'])
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && entry.name !== 'reserve')
        keep(`file ${entry.name} of ${entry.parentPath}`, readFileSync(join(entry.parentPath, entry.name)).subarray(0, 300))
    return traces
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vault[Symbol.asyncDispose]()
    await this.log[Symbol.asyncDispose]()
    await rm(this.dir, { recursive: true })
  }
}

/** As in `removed recording req_…`. */
export const words = (things: readonly Swept[]): string[] =>
  things.map(({ state, kind, id }) => `${state} ${kind} ${id}`)

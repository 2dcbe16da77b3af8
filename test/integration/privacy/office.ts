import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { expect } from 'vitest'
import { checkLog, openConsentLog, type ConsentLog, type CoreRecord, type LogReport } from '#audit'
import type { Account } from '#auth'
import { openRights, type OpenDemands, type Rights } from '#privacy'
import { Private, type PersonId, type SessionId } from '#protocol'
import { openVault, type Vault } from '#recording'
import { logFiles, logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'
import { recordCall, type RecordedCall } from '../../support/recorded-call.ts'

export const dayMs = 86_400_000
export const issuer = 'https://id.example.org'

/** A data folder with a real log, real recordings and what people may demand of them, whose clock a test moves. */
export class Office implements AsyncDisposable {
  readonly dir: string
  readonly log: ConsentLog
  readonly vault: Vault
  /** Demands come from the present on; the log's own clock never goes back. */
  readonly clock: { now: number }
  /** What the calls that are under way were told, in order. */
  readonly told: string[] = []
  readonly observed: OpenDemands[] = []
  /** Replaced by tests in which the log fails for a while. */
  append: ConsentLog['append']
  rights: Rights
  readonly identity: string
  readonly #recipient: string
  readonly #statements

  static async open(): Promise<Office> {
    const dir = await mkdtemp(join(tmpdir(), 'assent-rights-'))
    const identity = await generateX25519Identity()
    const statements = newStatementKey()
    const clock = { now: Date.now() - 400 * dayMs }
    const log = await openConsentLog({
      ...logOptions(dir, statements),
      now: () => clock.now,
      onFailed: () => undefined,
    })
    const recipient = await identityToRecipient(identity)
    return new Office({ dir, identity, statements, clock, log, recipient })
  }

  private constructor(made: {
    dir: string
    identity: string
    statements: ReturnType<typeof newStatementKey>
    clock: { now: number }
    log: ConsentLog
    recipient: string
  }) {
    this.dir = made.dir
    this.identity = made.identity
    this.clock = made.clock
    this.log = made.log
    this.append = (entry) => made.log.append(entry)
    this.#recipient = made.recipient
    this.#statements = made.statements
    this.vault = openVault({
      folder: this.recordingsDir,
      logOrigin: made.log.origin,
      removedFile: join(this.dir, 'removed'),
    })
    this.rights = this.#openRights()
  }

  get recordingsDir(): string {
    return join(this.dir, 'recordings')
  }

  #openRights(): Rights {
    const { log } = this
    const append: ConsentLog['append'] = (entry) => this.append(entry)
    return openRights({
      dir: this.dir,
      vaultKeyFile: join(this.dir, 'vault.key'),
      statementJwk: this.#statements.jwk,
      log: new Proxy(log, {
        get: (_, name) => {
          if (name === 'append') return append
          const value: unknown = Reflect.get(log, name)
          return typeof value === 'function' ? value.bind(log) : value
        },
      }),
      vault: this.vault,
      recordingsDir: this.recordingsDir,
      calls: () => ({
        withhold: async ({ subject }) => void this.told.push(`withhold ${subject.reveal()}`),
        destroyIn: async () => null,
      }),
      controllerOf: (name) => (name === issuer ? controller : undefined),
      now: () => this.clock.now,
      observe: (demands) => this.observed.push(demands),
      failed: (cause) => this.told.push(`failed ${String(cause)}`),
    })
  }

  /** As after a crash: what was in memory is gone. */
  async restart(): Promise<void> {
    this.rights[Symbol.dispose]()
    this.rights = this.#openRights()
    await this.rights.start()
  }

  call(names: readonly string[]): Promise<RecordedCall> {
    const { log, clock, recordingsDir } = this
    const stage = { log, clock, recordingsDir, statements: this.#statements }
    return recordCall({ ...stage, recipient: this.#recipient }, { names })
  }

  hold(session: SessionId, isHeld: boolean) {
    return this.rights.commands[isHeld ? 'hold.place' : 'hold.lift']({ session }, 'otto')
  }

  async archiveOf(who: Account): Promise<Buffer> {
    const { ticket } = await this.rights.acts.ticket(who, { lang: 'en' })
    const pieces = await this.rights.archive(ticket)
    return buffer(pieces!)
  }

  /** Unpacked by another hand; resolves with the folder. */
  async unpacked(zip: Buffer): Promise<string> {
    const path = join(this.dir, 'copy.zip')
    await writeFile(path, zip)
    const out = join(this.dir, 'copy')
    execFileSync('python3', ['-m', 'zipfile', '-e', path, out])
    return out
  }

  async cores(session: string | null): Promise<CoreRecord[]> {
    const entries = await this.log.ask({ what: 'session', session })
    return entries.flatMap(({ core }) => (core === null ? [] : [core]))
  }

  /** As in `erase received by page`. */
  async demandsInLog(): Promise<string[]> {
    return (await this.cores(null)).flatMap((core) =>
      core.type === 'rights' ? [`${core.right} ${core.event.state} by ${core.event.cause}`] : [],
    )
  }

  async verify(): Promise<LogReport> {
    const report = await checkLog({ ...logFiles(this.dir), vkey: this.log.vkey })
    expect(report.findings).toEqual([])
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.rights[Symbol.dispose]()
    await this.vault[Symbol.asyncDispose]()
    await this.log[Symbol.asyncDispose]()
    await rm(this.dir, { recursive: true })
  }
}

export const account = (name: string, by = issuer): Account => ({
  issuer: by,
  subject: new Private(`${name.toLowerCase()}@example.org`),
})

export const refOf = ({ people }: RecordedCall, name: string): PersonId =>
  people.find((one) => one.name === name)!.ref

const controller = {
  controllers: [
    { name: 'Example Ltd', address: 'Main Street 1', contact: 'privacy@example.org', role: 'controller' as const },
  ],
  notice: { authority: { name: 'Authority', url: 'https://authority.example' } },
  rightsRequestDays: 365,
}

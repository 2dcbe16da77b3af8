import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, vi } from 'vitest'
import { checkLog, openConsentLog, type ConsentLog, type LogFiles, type LogReport } from '#audit'
import type { Principal } from '#auth'
import { createMetrics } from '#metrics'
import type { Asking, Grants, PersonId, RecordingOptions, RequestId } from '#protocol'
import { ReaderId, Sha256 } from '#protocol'
import { AllRooms, RecorderTally, type Tenant } from '#rooms'
import { logFiles, logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'
import { asking, settings } from '../consent/settings.ts'
import { FakeMedia } from './fake-media.ts'
import { FakeVault } from './fake-vault.ts'
import { Page, principal } from './page.ts'
import { SlowLog } from './slow-log.ts'

// A real log is written to a real disk, which may be busy.
vi.setConfig({ testTimeout: 30_000 })

export const tenant: Tenant = {
  notice: settings,
  controllers: settings.controllers,
  readers: [
    { readerId: ReaderId.parse('minutes'), name: 'Minutes desk', recipient: 'age1minutes' },
    { readerId: ReaderId.parse('legal'), name: 'Legal desk', recipient: 'age1legal' },
  ],
  options: {
    policies: ['everyone', 'each'],
    retentionDays: [7, 30],
    answerMs: [60_000],
    readers: [],
  } satisfies RecordingOptions,
  maxPeople: 20,
  refuseMinors: false,
  demo: false,
  stepUp: null,
}

/** A server's rooms around a real consent log; time moves when a test says so. */
export class Scene {
  readonly calls: string[] = []
  readonly failures: unknown[] = []
  /** Who asked never to be recorded, and who had their name corrected, by their account. */
  readonly restricted = new Set<string>()
  readonly corrected = new Map<string, string>()
  readonly media = new FakeMedia()
  readonly metrics = createMetrics()
  readonly vault: FakeVault
  readonly log: SlowLog
  readonly rooms: AllRooms
  readonly files: Omit<LogFiles, 'vkey'>
  #isOver = false
  readonly #names = new Map<PersonId, string>()

  static async open(
    change: Partial<Tenant> = {},
    page: { readonly uiSha256: string | null } = { uiSha256: null },
  ): Promise<Scene> {
    shared ??= openLog()
    const { dir, log } = await shared
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.now() })
    return new Scene(dir, log, change, page)
  }

  private constructor(
    dir: string,
    log: ConsentLog,
    change: Partial<Tenant>,
    { uiSha256 }: { readonly uiSha256: string | null },
  ) {
    this.files = logFiles(dir)
    this.log = new SlowLog(log, this.calls)
    this.vault = new FakeVault(this.calls, (person) => this.#nameOf(person))
    this.rooms = new AllRooms({
      log: this.log,
      statements,
      uiSha256: Sha256.nullable().parse(uiSha256),
      vault: this.vault,
      metrics: this.metrics,
      tally: new RecorderTally(this.metrics),
      now: Date.now,
      failed: (cause) => this.failures.push(cause),
      iceServers: () => [],
      media: this.media,
      wishesOf: ({ subject }) => ({
        neverRecorded: this.restricted.has(subject.reveal()),
        name: this.corrected.get(subject.reveal()) ?? null,
      }),
      tenantOf: (issuer) => (issuer.endsWith('.example') ? { ...tenant, ...change } : undefined),
    })
    scenes.push(this)
  }

  page(subject: string, part: Partial<Principal> = {}, grants: Partial<Grants> = {}): Page {
    return new Page(this.rooms, principal(subject, part, grants))
  }

  join(
    subject: string,
    part: Partial<Principal> = {},
    grants: Partial<Grants> = {},
  ): Promise<Page> {
    return this.page(subject, part, grants).join()
  }

  ask(host: Page, part: Partial<Asking> = {}): Promise<{ requestId: RequestId }> {
    return host.seat.request('consent.ask', asking(part))
  }

  /** Asked, agreed to by all, shown to all, and recording. */
  async record(
    host: Page,
    others: readonly Page[],
    part: Partial<Asking> = {},
  ): Promise<RequestId> {
    const { requestId } = await this.ask(host, part)
    await Promise.all([host, ...others].map((page) => page.decide('given')))
    await this.pass(5000)
    await this.until(() => (this.vault.last?.taps.size ?? 0) > 0)
    return requestId
  }

  /** Time goes by, and what is due happens. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms)
    await this.idle()
  }

  /** Waits for what must come; the test's own time limit is the only one. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.#isOver) await new Promise(setImmediate)
  }

  /** Everything that was under way in the log has come back. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 10; quiet++) {
      const before = this.calls.length
      await this.log.settled()
      await new Promise(setImmediate)
      if (this.calls.length > before) quiet = 0
    }
  }

  tappedOf(): string[] {
    return [...(this.vault.last?.taps.values() ?? [])]
      .map(({ person, source }) => `${this.#nameOf(person)}/${source}`)
      .sort()
  }

  /** What `assent verify` says of the log as it lies on the disk. */
  async report(): Promise<LogReport> {
    return checkLog({ ...this.files, vkey: this.log.vkey })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.log.release()
    await this.rooms[Symbol.asyncDispose]()
    this.metrics[Symbol.dispose]()
  }

  #nameOf(person: PersonId): string {
    const known = this.#names.get(person) ?? this.vault.last?.about.nameOf(person) ?? ''
    if (known !== '') this.#names.set(person, known)
    return known
  }
}

const statements = newStatementKey()

/** One for all tests of a file, since opening one takes a while; each test has calls of its own in it. */
let shared: Promise<{ readonly dir: string; readonly log: ConsentLog }> | undefined

async function openLog() {
  const dir = mkdtempSync(join(tmpdir(), 'assent-rooms-'))
  const log = await openConsentLog({
    ...logOptions(dir, statements),
    onFailed: () => undefined,
  })
  return { dir, log }
}

afterAll(async () => {
  if (shared === undefined) return
  const { dir, log } = await shared
  await log[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

const scenes: Scene[] = []
afterEach(async () => {
  // Before time jumps back: what is still running is ended, and logged.
  for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]()
  vi.useRealTimers()
})

import { randomInt } from 'node:crypto'
import { closeSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { CallError } from '#protocol'
import { Answers } from './answers.ts'
import { replaceFile } from './durable-file.ts'
import { pendingErasures } from './erasure.ts'
import {
  ErasureJournal,
  erasuresFile,
  readErasures,
  unnoted,
  type Erasures,
} from './erasure-journal.ts'
import { Flaw } from './flaw.ts'
import { readGuard, type GuardFile } from './guard.ts'
import { thumbprint } from './jwk.ts'
import { ensurePrivateKey } from './key-file.ts'
import { openMasterKey } from './keyring.ts'
import { loadLogKey } from './log-key.ts'
import { emptyRoot } from './merkle.ts'
import { platformSha256 as sha256 } from './platform-sha256.ts'
import { replayErasures } from './replay-erasures.ts'
import type { Sequencer, Tombstone } from './sequencer.ts'
import { SqliteStore } from './sqlite-store.ts'
import { startSequencer } from './start.ts'
import { readSuccession } from './succession.ts'
import type {
  Append,
  Failure,
  FromThread,
  Placement,
  ThreadOptions,
  ToThread,
} from './thread-messages.ts'
import { parseVerifierKey } from './verifier-key.ts'

type Started = {
  readonly store: SqliteStore
  readonly guard: GuardFile
  readonly journal: ErasureJournal
  readonly sequencer: Sequencer
  readonly answers: Answers
  readonly vkey: string
}

/**
 * The log's own thread: every write blocks it, and only it. Group commit needs no timer: while one COMMIT waits for the
 * disk, arrivals collect in the port, and the next turn takes them all. Questions are answered after what came before
 * them, so that whoever has just appended can ask about it.
 */
async function main(port: NonNullable<typeof parentPort>, options: ThreadOptions): Promise<void> {
  const tell = (message: FromThread): void => port.postMessage(message)
  const { store, guard, journal, sequencer, answers, vkey } = await start(options)
  let waiting: Append[] = []
  let asked: Extract<ToThread, { type: 'ask' }>[] = []
  let isClosing = false
  let isPlanned = false

  const turn = (): void => {
    isPlanned = false
    try {
      while (waiting.length > 0) {
        const batch = waiting.splice(0, maxBatch)
        tell(commit(sequencer, batch))
      }
      const questions = asked
      asked = []
      for (const question of questions)
        tell({ ...answer(answers, question), checkpoint: sequencer.checkpoint.note })
      if (isClosing) close()
    } catch (error) {
      waiting = []
      tell({ type: 'failed', ...failureOf(error) })
      port.close()
    }
  }
  const close = (): void => {
    sequencer.flush()
    guard[Symbol.dispose]()
    journal[Symbol.dispose]()
    store[Symbol.dispose]()
    tell({ type: 'closed' })
    port.close()
  }

  port.on('message', (message: ToThread) => {
    if (message.type === 'append') waiting.push(...message.entries)
    else if (message.type === 'ask') asked.push(message)
    else isClosing = true
    if (isPlanned) return
    isPlanned = true
    setImmediate(turn)
  })
  tell({ type: 'started', vkey, checkpoint: sequencer.checkpoint.note })
}

async function start(options: ThreadOptions): Promise<Started> {
  const { dir, origin, keyFile, vaultKeyFile, guardFile: guardPath, createKey, nowMs } = options
  const isEmpty = !existsSync(join(dir, 'log.db'))
  const master = openMasterKey(vaultKeyFile, createKey && isEmpty)
  const store = new SqliteStore(dir, emptyRoot(sha256), master)
  const erasures = readErasures(erasuresFile(guardPath), origin)
  if (erasures !== undefined) {
    refuseUnnoted(pendingErasures(store.vault.database), erasures)
    replayErasures(store.vault, erasures)
  }
  // Never a second key for a log that has one: what it signed could then no longer be told from a forgery.
  const isNew =
    store.head().size === 0 &&
    store.lastCheckpoint() === undefined &&
    readGuard(guardPath, origin) === undefined
  if (createKey && isNew) ensurePrivateKey(keyFile)
  const { signer, vkey } = loadLogKey(sha256, keyFile, origin)
  const verifier = await parseVerifierKey(sha256, vkey)
  const { sequencer, guard, buried } = await startSequencer({
    sha256,
    store,
    signer,
    verifier,
    guardPath,
    succession: readSuccession(dir),
    nowMs,
  })
  store.keepStatementKey(thumbprint(sha256, options.statementJwk), options.statementJwk)
  const journal = new ErasureJournal(erasuresFile(guardPath), origin)
  const answers = new Answers({ sha256, sequencer, store, master, journal, now: Date.now, shuffle })
  answers.recover(buried)
  publishKey(join(dir, 'vkey'), `${vkey}\n`)
  return { store, guard, journal, sequencer, answers, vkey }
}

/** What is said in the tree is believed for good: an entry that somebody removed by hand must not be called erased. */
function refuseUnnoted(pending: readonly Tombstone[], erasures: Erasures): void {
  const stranger = unnoted(pending, erasures)
  if (stranger === undefined) return
  throw new CallError(
    'LOG_CORRUPT',
    `vault.db says that entry ${stranger.index} was erased, and no erasure was noted beside the guard; restore the newest vault.db`,
  )
}

/** Beside the log, for whoever verifies it here; never half a key, since the log's name is read from it. */
function publishKey(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  closeSync(replaceFile(path, text))
}

function commit(sequencer: Sequencer, batch: readonly Append[]): FromThread {
  const startedMs = performance.now()
  const { placed, leaves, checkpoint } = sequencer.append(batch)
  const placements = batch.map(({ id }, i): Placement => {
    const place = placed[i]!
    return { id, placed: typeof place === 'number' ? place : failureOf(place) }
  })
  return {
    type: 'committed',
    placements,
    checkpoint,
    leaves,
    commitMs: performance.now() - startedMs,
  }
}

/** What a question may fail with is told to who asked; anything else is a fault of the disk, and the end of this log. */
function answer(
  answers: Answers,
  { id, question }: Extract<ToThread, { type: 'ask' }>,
): Omit<Extract<FromThread, { type: 'answered' }>, 'checkpoint'> {
  try {
    return { type: 'answered', id, answer: { ok: true, value: answers.to(question) } }
  } catch (error) {
    if (!(error instanceof CallError) || error.code === 'LOG_UNAVAILABLE') throw error
    return { type: 'answered', id, answer: { ok: false, ...failureOf(error) } }
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Flaw) return { code: 'LOG_CORRUPT', message: error.message }
  if (!(error instanceof CallError)) return { code: 'LOG_UNAVAILABLE', message: String(error) }
  const { code, message, cause } = error
  return { code, message: cause instanceof Error ? `${message} (${cause.message})` : message }
}

/** Fisher and Yates, with the platform's own randomness. */
function shuffle<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInt(i + 1)
    ;[items[i], items[j]] = [items[j]!, items[i]!]
  }
  return items
}

/** One transaction at most: beyond this, those in front should not wait for those behind. */
const maxBatch = 1024
// Everything of an entry is held for one commit, in pieces: memory of its own for each piece costs more than sealing it.
Buffer.poolSize = 128 * 1024

if (parentPort !== null) {
  const port = parentPort
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own constructor wrote it
  main(port, workerData as ThreadOptions).catch((error: unknown) => {
    port.postMessage({ type: 'failed', ...failureOf(error) } satisfies FromThread)
    port.close()
  })
}

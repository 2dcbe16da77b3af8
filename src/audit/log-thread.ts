import { hash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { CallError } from '#protocol'
import type { Sha256 } from './bytes.ts'
import { Flaw } from './flaw.ts'
import { readGuard, type GuardFile } from './guard.ts'
import { createLogKey, loadLogKey } from './log-key.ts'
import { emptyRoot } from './merkle.ts'
import type { Sequencer } from './sequencer.ts'
import { SqliteStore } from './sqlite-store.ts'
import { startSequencer } from './start.ts'
import type {
  Append,
  Failure,
  FromThread,
  Placement,
  ThreadOptions,
  ToThread,
} from './thread-messages.ts'
import { parseVerifierKey } from './verifier-key.ts'

/**
 * The log's own thread: every write blocks it, and only it. Group commit needs no timer: while one COMMIT waits for the
 * disk, arrivals collect in the port, and the next turn takes them all.
 */
async function main(port: NonNullable<typeof parentPort>, options: ThreadOptions): Promise<void> {
  const tell = (message: FromThread): void => port.postMessage(message)
  const { store, guard, sequencer, vkey } = await start(options)
  let waiting: Append[] = []
  let isClosing = false
  let isPlanned = false

  const turn = (): void => {
    isPlanned = false
    try {
      while (waiting.length > 0) {
        const batch = waiting.splice(0, maxBatch)
        tell(commit(sequencer, batch))
      }
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
    store[Symbol.dispose]()
    tell({ type: 'closed' })
    port.close()
  }

  port.on('message', (message: ToThread) => {
    if (message.type === 'append') waiting.push(...message.entries)
    else isClosing = true
    if (isPlanned) return
    isPlanned = true
    setImmediate(turn)
  })
  tell({ type: 'started', vkey })
}

async function start(options: ThreadOptions): Promise<{
  store: SqliteStore
  guard: GuardFile
  sequencer: Sequencer
  vkey: string
}> {
  const { dir, origin, keyFile, guardFile: guardPath, createKey, nowMs } = options
  const store = new SqliteStore(dir, emptyRoot(sha256))
  // Never a second key for a log that has one: what it signed could then no longer be told from a forgery.
  const isNew =
    store.head().size === 0 &&
    store.lastCheckpoint() === undefined &&
    readGuard(guardPath, origin) === undefined
  if (createKey && isNew && !existsSync(keyFile)) createLogKey(keyFile)
  const { signer, vkey } = loadLogKey(sha256, keyFile, origin)
  const verifier = await parseVerifierKey(sha256, vkey)
  const { sequencer, guard } = await startSequencer({
    sha256,
    store,
    signer,
    verifier,
    guardPath,
    nowMs,
  })
  publishKey(join(dir, 'vkey'), `${vkey}\n`)
  return { store, guard, sequencer, vkey }
}

/** Beside the log, for whoever verifies it here; never half a key, since the log's name is read from it. */
function publishKey(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
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

function failureOf(error: unknown): Failure {
  if (error instanceof Flaw) return { code: 'LOG_CORRUPT', message: error.message }
  if (!(error instanceof CallError)) return { code: 'LOG_UNAVAILABLE', message: String(error) }
  const { code, message, cause } = error
  return { code, message: cause instanceof Error ? `${message} (${cause.message})` : message }
}

const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer')
/** One transaction at most: beyond this, those in front should not wait for those behind. */
const maxBatch = 1024

if (parentPort !== null) {
  const port = parentPort
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own constructor wrote it
  main(port, workerData as ThreadOptions).catch((error: unknown) => {
    port.postMessage({ type: 'failed', ...failureOf(error) } satisfies FromThread)
    port.close()
  })
}

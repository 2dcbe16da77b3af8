import type { PermittedTrack } from '#consent'
import type { RoomMedia, Tap } from '#media'
import { CallError } from '#protocol'
import type { FromRecorder, ToRecorder } from './ipc.ts'

export interface LiveTapParts {
  /** The number by which server and recorder process know it. */
  readonly id: number
  readonly track: PermittedTrack
  readonly media: () => RoomMedia
  readonly send: (message: ToRecorder) => void
}

/**
 * One permitted stream from the SFU to the recorder process. Its consumer in the SFU exists from `start` to `stop`, and
 * lets packets through only once the recorder listens and the permit's time has come.
 */
export class LiveTap {
  readonly id: number
  readonly track: PermittedTrack
  readonly #parts: LiveTapParts
  readonly #bound = Promise.withResolvers<number>()
  readonly #started = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #stopping = new AbortController()
  #tap: Tap | null = null
  #halted: Promise<void> | null = null

  constructor(parts: LiveTapParts) {
    this.id = parts.id
    this.track = parts.track
    this.#parts = parts
    // Awaited only while starting.
    this.#bound.promise.catch(() => undefined)
    this.#started.promise.catch(() => undefined)
  }

  get isStopped(): boolean {
    return this.#stopping.signal.aborted
  }

  /** The SFU holds a consumer for it. */
  get isTapped(): boolean {
    return this.#tap !== null
  }

  /** Resolves when packets flow, or when it was stopped meanwhile, or when the stream has ended by itself. */
  async start(): Promise<void> {
    const {
      id,
      track: { producerId, person, source, notBefore },
      media,
      send,
    } = this.#parts
    send({ type: 'bind', tap: id, person, source })
    const port = await this.#bound.promise
    if (this.isStopped) return
    const tap = await this.#open(() =>
      media().tap(producerId, { ip: '127.0.0.1', port, rtcpMux: true }),
    )
    if (tap === null) return
    const { ssrc, payloadType, mimeType, clockRate, channels = 2, fmtp } = tap.rtp
    const sets = fmtp['sprop-parameter-sets']
    const sprop = typeof sets === 'string' ? sets : ''
    send({
      type: 'start',
      tap: id,
      remotePort: tap.localPort,
      ssrc,
      payloadType,
      mimeType,
      rate: clockRate,
      channels,
      sprop,
      notBefore,
    })
    tap.onSenderReport((report) => send({ type: 'report', tap: id, ...report }))
    tap.onClosed(() => void this.stop(Date.now()))
    await this.#started.promise
    await until(notBefore + guardMs, this.#stopping.signal)
    if (!this.isStopped) await this.#gone(tap.resume())
  }

  /**
   * Closes the consumer in the SFU and drops what arrived after `at` (ms epoch). Resolves at the worker's word that not
   * one packet follows. Never rejects.
   */
  stop(at: number): Promise<void> {
    if (this.#halted === null) {
      this.#stopping.abort()
      this.#halted = this.#halt()
      this.#parts.send({ type: 'close', tap: this.id, at })
      this.#bound.reject(stopped)
      this.#started.reject(stopped)
    }
    return this.#halted
  }

  /** Stopped, and everything of it durable, or lost with the recorder process. */
  async over(): Promise<void> {
    await this.#closed.promise
    await this.#halted
  }

  hear(message: Exclude<FromRecorder, { type: 'ready' | 'failed' }>): void {
    switch (message.type) {
      case 'bound':
        return this.#bound.resolve(message.port)
      case 'started':
        return this.#started.resolve()
      case 'closed':
        return this.#closed.resolve()
      case 'keyFrame':
        // It is asked for again if it does not come.
        this.#tap?.requestKeyFrame().catch(() => undefined)
        return
    }
  }

  /** The recorder process is gone: nobody will answer. */
  lose(): void {
    void this.stop(Date.now())
    this.#closed.resolve()
  }

  async #open(ask: () => Promise<Tap>): Promise<Tap | null> {
    let tap: Tap
    try {
      tap = await ask()
    } catch (error) {
      if (!hasEnded(error)) throw error
      void this.stop(Date.now())
      return null
    }
    if (this.isStopped) {
      // Stopped while it was being opened. It was never resumed, so that nothing came through it.
      await tap.close()
      return null
    }
    this.#tap = tap
    return tap
  }

  async #halt(): Promise<void> {
    await this.#tap?.close()
    this.#tap = null
  }

  async #gone(asked: Promise<void>): Promise<void> {
    try {
      await asked
    } catch (error) {
      if (!hasEnded(error) && !this.isStopped) throw error
    }
  }
}

/**
 * Packets that are underway when the gate opens were captured before it. So long after the permit's time they have
 * passed, and the key frame that resuming asks for comes from after it.
 */
const guardMs = 100

const stopped = new CallError('NOT_FOUND', 'stopped before it started')

/** The person has stopped sending: no failure, there is nothing to record any more. */
const hasEnded = (error: unknown): boolean =>
  error instanceof CallError && error.code === 'NOT_FOUND'

async function until(time: number, stop: AbortSignal): Promise<void> {
  const left = time - Date.now()
  if (left <= 0 || stop.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, left)
  stop.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
}

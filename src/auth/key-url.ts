import { keySetOf, type KeySet, type KeySource } from './keys.ts'
import { TokenRefused } from './refusal.ts'

export interface KeyUrlOptions {
  readonly url: string
  readonly now: () => number
  readonly fetch: typeof fetch
  readonly onBroken: (cause: unknown) => void
}

/**
 * Keys from an https URL. Kept for 10 minutes, and asked for again when a token names a key that is
 * not among them, but never twice within 30 s. While the issuer cannot be reached, the last keys
 * hold for a day, and the time between two attempts doubles up to 5 minutes: an issuer's outage
 * must not keep people out of their calls, nor may we flood it.
 */
export class KeyUrl implements KeySource {
  readonly #options: KeyUrlOptions
  readonly #closing = new AbortController()
  #keys: KeySet | null = null
  #loadedAt = -Infinity
  #nextTryAt = -Infinity
  #failures = 0
  #loading: Promise<void> | null = null

  constructor(options: KeyUrlOptions) {
    this.#options = options
  }

  async find(header: Parameters<KeySet>[0]): ReturnType<KeySet> {
    const age = this.#options.now() - this.#loadedAt
    if (this.#keys === null || age > keepMs) await this.#load()
    // The old keys serve meanwhile: nobody waits for a refresh.
    else if (age > freshMs) void this.#load()
    const keys = this.#keys
    if (keys === null || this.#options.now() - this.#loadedAt > keepMs) throw this.#unavailable()
    try {
      return await keys(header)
    } catch (cause) {
      if (!(cause instanceof TokenRefused) || cause.reason !== 'unknownKey') throw cause
      await this.#load()
      return await (this.#keys ?? keys)(header)
    }
  }

  close(): void {
    this.#closing.abort()
  }

  /** One request at a time, none before its time. Never rejects: who waits looks at the keys. */
  #load(): Promise<void> {
    if (this.#loading !== null) return this.#loading
    if (this.#options.now() < this.#nextTryAt || this.#closing.signal.aborted)
      return Promise.resolve()
    this.#loading = this.#fetch().finally(() => {
      this.#loading = null
    })
    return this.#loading
  }

  async #fetch(): Promise<void> {
    try {
      this.#keys = keySetOf(await this.#download())
      this.#loadedAt = this.#options.now()
      this.#failures = 0
      this.#nextTryAt = this.#loadedAt + cooldownMs
    } catch (cause) {
      this.#failures += 1
      this.#nextTryAt = this.#options.now() + Math.min(1000 * 2 ** this.#failures, maxBackOffMs)
      if (!this.#closing.signal.aborted) this.#options.onBroken(cause)
    }
  }

  async #download(): Promise<unknown> {
    const answer = await this.#options.fetch(this.#options.url, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      // A redirect could lead from the operator's chosen host to any other.
      redirect: 'error',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!answer.ok || answer.body === null) throw new Error(`the issuer answered ${answer.status}`)
    let text = ''
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part
      if (text.length > maxLength) throw new Error(`a JWK set of more than ${maxLength} characters`)
    }
    return JSON.parse(text)
  }

  #unavailable(): TokenRefused {
    return new TokenRefused('keysUnavailable', {
      retryAfterMs: Math.max(1000, this.#nextTryAt - this.#options.now()),
    })
  }
}

const freshMs = 10 * 60_000
const keepMs = 24 * 3_600_000
const cooldownMs = 30_000
const maxBackOffMs = 5 * 60_000
// Below the 5 s that a connection has to authenticate.
const timeoutMs = 4000
const maxLength = 65_536

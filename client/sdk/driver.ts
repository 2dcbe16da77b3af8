import {
  CallError,
  type Method,
  type Params,
  type RequestId,
  type Result,
  type Snapshot,
} from '#protocol'
import type { ResumeStore } from './call-types.ts'
import type { Clock } from './clock.ts'
import type { Keeper } from './keeper.ts'
import { Connection, type ServerRequest } from './connection.ts'
import type { Entrance } from './entrance.ts'
import { codeOf, connectionLost } from './errors.ts'
import { Evidence } from './evidence.ts'
import { checkNotice } from './notice.ts'
import type { MediaEffect } from './session-effects.ts'
import { start, step, type Effect, type Input, type Session } from './session.ts'

export interface DriverOptions {
  readonly entrance: Omit<Entrance, 'token' | 'resume' | 'freshMedia'>
  readonly token: string
  readonly getToken: (() => Promise<string>) | null
  readonly resume: ResumeStore
  readonly keeper: Keeper
  readonly clock: Clock
  readonly media: (effect: MediaEffect) => void
  /** The network may have changed: media needs new paths. */
  readonly networkChanged: () => void
  /** Rejects unless the mark of this recording stands on the page. */
  readonly show: (requestId: RequestId) => Promise<void>
  readonly changed: () => void
}

/** Feeds the session what happens and does what it asks for. Owns the connection and the one timer to the end. */
export class Driver {
  readonly evidence: Evidence
  readonly #options: DriverOptions
  readonly #inputs: Input[] = []
  #session: Session
  #token: string
  /** The token with which the present line came in; a renewal changes it for the next one. */
  #lineToken = ''
  #connection: Connection | null = null
  /** Counts openings and closings, so that a token that comes late opens nothing. */
  #attempt = 0
  #busy = false
  #cancelTimer: () => void = () => {}

  constructor(options: DriverOptions) {
    this.#options = options
    this.#token = options.token
    this.evidence = new Evidence({
      keeper: options.keeper,
      clock: options.clock,
      token: () => this.#lineToken,
      bind: (params) => this.ask('session.bind', params),
    })
    const [session, effects] = start(
      options.resume.get(),
      options.getToken !== null,
      options.clock.now(),
    )
    this.#session = session
    for (const effect of effects) this.#perform(effect)
  }

  get session(): Session {
    return this.#session
  }

  /** Rejects with CONNECTION_LOST while not in the call. */
  async ask<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    if (this.#session.state !== 'joined' || this.#connection === null) throw connectionLost()
    return this.#connection.request(method, params)
  }

  /** Inputs are taken one after another, also those that an effect brings about. */
  take(input: Input): void {
    this.#inputs.push(input)
    if (this.#busy) return
    this.#busy = true
    const before = this.#session
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        const [session, effects] = step(this.#session, next, this.#options.clock.now())
        this.#session = session
        for (const effect of effects) this.#perform(effect)
      }
    } finally {
      this.#busy = false
      if (this.#session !== before) this.#options.changed()
    }
  }

  async renew(token: string): Promise<void> {
    const { grants, expiresInMs } = await this.ask('session.renew', { token })
    this.#token = token
    this.take({ type: 'renewed', grants, expiresInMs })
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'open':
        return void this.#open(effect)
      case 'close':
        return this.#close()
      case 'sayLeave':
        // Nobody waits for the answer, and the socket sends what it has before it closes.
        this.#connection?.request('session.leave', {}).catch(() => undefined)
        return this.#close()
      case 'probe':
        this.#connection?.probe()
        return this.#options.networkChanged()
      case 'wakeAt':
        return this.#wakeAt(effect.time)
      case 'keepResume':
        return this.#options.resume.set(effect.secret)
      case 'renew':
        return void this.#renew()
      case 'checkNotice':
        return void checkNotice(effect.bytes, this.evidence).then((verdict) =>
          this.take({ type: 'noticeChecked', bytes: effect.bytes, verdict }),
        )
      case 'bind':
        return void this.#bind(effect.snapshot)
      case 'startMedia':
      case 'restartMedia':
      case 'receive':
      case 'drop':
      case 'dropPerson':
      case 'stopSending':
      case 'endMedia':
        return this.#options.media(effect)
    }
  }

  async #open({
    resume,
    freshMedia,
    freshToken,
  }: Extract<Effect, { type: 'open' }>): Promise<void> {
    const attempt = ++this.#attempt
    try {
      if (freshToken) this.#token = await this.#freshToken()
      if (attempt !== this.#attempt) return
      this.#lineToken = this.#token
      this.#connection = new Connection(
        { ...this.#options.entrance, token: this.#token, resume, freshMedia },
        {
          event: (event) => this.take({ type: 'event', event }),
          refused: (code) => this.take({ type: 'refused', code, chance: Math.random() }),
          closed: (closeCode) => this.take({ type: 'closed', closeCode, chance: Math.random() }),
          asked: (request) => this.#answer(request),
        },
        this.#options.clock,
      )
    } catch {
      // No fresh token, or one that cannot even stand in an upgrade. What was thrown may quote it.
      if (attempt === this.#attempt)
        this.take({ type: 'refused', code: 'UNAUTHENTICATED', chance: Math.random() })
    }
  }

  /** A page that cannot sign is in the call like any other; it cannot say yes. */
  async #bind(snapshot: Snapshot): Promise<void> {
    try {
      await this.evidence.enter(snapshot)
      this.take({ type: 'bound', key: { state: 'bound' } })
    } catch (cause) {
      const code = codeOf(cause)
      // The next line brings the next try.
      if (code !== 'CONNECTION_LOST')
        this.take({ type: 'bound', key: { state: 'failed', code } })
    }
  }

  #close(): void {
    this.#attempt++
    this.#connection?.close()
    this.#connection = null
    this.#cancelTimer()
  }

  #wakeAt(time: number): void {
    this.#cancelTimer()
    const { clock } = this.#options
    // A browser rounds delays down, and its clock may be set back: a tick that comes early would be the last one.
    this.#cancelTimer = clock.after(Math.max(0, time - clock.now()), () => {
      if (clock.now() < time) this.#wakeAt(time)
      else this.take({ type: 'tick' })
    })
  }

  #freshToken(): Promise<string> {
    const { getToken } = this.#options
    if (getToken === null) throw new CallError('TOKEN_EXPIRED', 'no way to fetch a token')
    return getToken()
  }

  /** When it fails, the server closes at the token's end, and the session tries once more with a fresh one. */
  async #renew(): Promise<void> {
    if (this.#options.getToken === null) return
    await this.#freshToken()
      .then((token) => this.renew(token))
      .catch(() => undefined)
  }

  async #answer({ method, params }: ServerRequest): Promise<Record<string, never>> {
    switch (method) {
      case 'recording.show':
        await this.#options.show(params.requestId)
        return {}
    }
  }
}

import { randomBytes } from 'node:crypto'
import { emptyTree } from '#audit'
import type { Principal } from '#auth'
import {
  newId,
  randomText,
  type ConsumerOffer,
  type ErrorCode,
  type Event,
  type PersonId,
  type RtpCapabilities,
  type ServerMethod,
  type ServerParams,
  type ServerResult,
  type Snapshot,
  type Tree,
} from '#protocol'
import type { Binding } from './binding.ts'
import type { Line } from './door.ts'

/** One page in the call. It keeps its place while its line is lost, and numbers what it is told. */
export class Peer {
  readonly peerId = newId.peer()
  /** Whoever presents this is the same page again. Secret. */
  readonly resume = randomText(32)
  readonly person: PersonId
  readonly name: string
  readonly capabilities: RtpCapabilities
  /** What a key must repeat to be bound to this page. */
  readonly bindingNonce = randomBytes(32).toString('base64url')
  principal: Principal
  /** Of the token with which this page's line came in. */
  tokenSha256: string
  /** The key that signs this page's decisions, once it has bound one. */
  binding: Binding | null = null
  /** Trees of the log that this page was shown, and proven. */
  readonly #seen = new Set([treeKey(emptyTree)])
  #line: Line | null
  #n = 0
  /** Streams that came while the snapshot was being made; null once the page has it. */
  #early: ConsumerOffer[] | null = []

  constructor(options: {
    person: PersonId
    name: string
    principal: Principal
    capabilities: RtpCapabilities
    line: Line
  }) {
    this.person = options.person
    this.name = options.name
    this.principal = options.principal
    this.tokenSha256 = options.principal.tokenSha256
    this.capabilities = options.capabilities
    this.#line = options.line
  }

  get connected(): boolean {
    return this.#line !== null
  }

  /** The snapshot is still being made. What happens meanwhile will stand in it, so nothing can overtake it. */
  get entering(): boolean {
    return this.#early !== null
  }

  isOn(line: Line): boolean {
    return this.#line === line
  }

  hasSeen(tree: Tree): boolean {
    return this.#seen.has(treeKey(tree))
  }

  saw(tree: Tree): void {
    this.#seen.add(treeKey(tree))
  }

  send(event: Event): void {
    if (this.#early === null) {
      this.#line?.event(++this.#n, event)
    } else if (event.event === 'media.consumers') {
      this.#early.push(...event.params.consumers)
    } else if (event.event === 'media.consumersClosed') {
      const closed = new Set(event.params.consumerIds)
      this.#early = this.#early.filter(({ consumerId }) => !closed.has(consumerId))
    }
  }

  /** `make` is given the streams that came meanwhile, and reads the rest of the room in the same turn. */
  welcome(make: (early: readonly ConsumerOffer[]) => Snapshot): void {
    const snapshot = make(this.#early ?? [])
    this.#early = null
    this.send({ event: 'session.joined', params: { snapshot } })
  }

  ask<M extends ServerMethod>(
    method: M,
    params: ServerParams<M>,
    signal: AbortSignal,
  ): Promise<ServerResult<M>> {
    return this.#line === null
      ? Promise.reject(new Error('line lost'))
      : this.#line.request(method, params, signal)
  }

  lose(): void {
    this.#line = null
  }

  /** Comes back on another line; the snapshot follows. */
  takeLine(line: Line, principal: Principal): void {
    this.#line?.close('REPLACED')
    this.#line = line
    this.principal = principal
    this.tokenSha256 = principal.tokenSha256
    this.#early = []
  }

  dismiss(code: ErrorCode): void {
    this.#line?.close(code)
    this.#line = null
  }
}

const treeKey = ({ size, root }: Tree): string => `${size} ${root}`

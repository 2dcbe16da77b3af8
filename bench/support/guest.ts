import { once } from 'node:events'
import { WebSocket } from 'ws'
import { encodeRequest, newId, type Method, type Params, type Source } from '#protocol'
import { joinParams, subprotocols, type Entrance } from '../../client/sdk/entrance.ts'
import { tls } from './servers.ts'
import { opus, vp8 } from './streams.ts'

/** Resolves with an open socket; whoever asked for it closes it. */
export async function connect(url: string, protocols: readonly string[]): Promise<WebSocket> {
  const socket = open(url, protocols)
  await once(socket, 'open')
  return socket
}

/**
 * A page without a browser: signaling as the real one does it, and no packets. What comes is not checked, so that the
 * one who measures costs little.
 */
export class Guest {
  readonly #socket: WebSocket
  readonly #joined = Promise.withResolvers<void>()
  readonly #streams = new Set<string>()
  readonly #answers = new Map<number, () => void>()
  #wanted: { readonly count: number; readonly resolve: () => void } | null = null
  #nextId = 0

  constructor(entrance: Entrance) {
    this.#socket = open(entrance.url, subprotocols(entrance))
    this.#socket.on('open', () => this.#send('session.join', joinParams(entrance)))
    this.#socket.on('message', (frame: Buffer) => this.#take(JSON.parse(frame.toString())))
    this.#socket.on('error', (cause) => this.#joined.reject(cause))
    this.#socket.on('close', (code) => this.#joined.reject(new Error(`closed with ${code}`)))
  }

  /** Resolves with the snapshot. */
  get joined(): Promise<void> {
    return this.#joined.promise
  }

  /** Starts to send microphone and camera; the answers are not awaited. */
  produce(): void {
    const streams: [Source, Params<'media.produce'>['rtpParameters']][] = [
      ['microphone', opus(1)],
      ['camera', vp8(2)],
    ]
    for (const [source, rtpParameters] of streams) {
      this.#send('media.produce', {
        producerId: newId.producer(),
        source,
        rtpParameters,
        paused: false,
      })
    }
  }

  /** Resolves when it has been told of so many different streams of others. */
  async knows(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wanted = { count, resolve }
    this.#look()
    await promise
  }

  ping(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#answers.set(this.#send('session.ping', {}), resolve)
    return promise
  }

  async leave(): Promise<void> {
    this.#send('session.leave', {})
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, 'close')
  }

  #send<M extends Method>(method: M, params: Params<M>): number {
    const id = ++this.#nextId
    this.#socket.send(encodeRequest(id, method, params))
    return id
  }

  #take({ method, id, params, error }: Frame): void {
    if (error !== undefined) throw new Error(`the server refused: ${JSON.stringify(error)}`)
    if (id !== undefined) {
      this.#answers.get(id)?.()
      this.#answers.delete(id)
    }
    if (method === 'session.joined') this.#joined.resolve()
    for (const { producerId } of params?.consumers ?? params?.snapshot?.consumers ?? [])
      this.#streams.add(producerId)
    this.#look()
  }

  #look(): void {
    if (this.#wanted !== null && this.#streams.size >= this.#wanted.count) this.#wanted.resolve()
  }
}

interface Frame {
  readonly id?: number
  readonly method?: string
  readonly error?: object
  readonly params?: {
    readonly consumers?: readonly Stream[]
    readonly snapshot?: { readonly consumers: readonly Stream[] }
  }
}

interface Stream {
  readonly producerId: string
}

const open = (url: string, protocols: readonly string[]): WebSocket =>
  new WebSocket(url, [...protocols], { ...tls, perMessageDeflate: false })

/** Resolves when everyone is in, has both streams sent, and knows those of all others. */
export async function meet(entrances: readonly Entrance[]): Promise<Guest[]> {
  const guests = entrances.map((entrance) => new Guest(entrance))
  await Promise.all(
    guests.map(async (guest) => {
      await guest.joined
      guest.produce()
      await guest.knows(2 * (entrances.length - 1))
    }),
  )
  return guests
}

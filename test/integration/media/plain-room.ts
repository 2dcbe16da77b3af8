import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { observer, type types } from 'mediasoup'
import { newId, type PeerId } from '#protocol'
import { startMedia, type Media, type MediaOptions, type RoomMedia } from '#media'

export const options: MediaOptions = {
  workers: 1,
  listen: [{ ip: '127.0.0.1' }],
  firstPort: 0,
  rtcPorts: { min: 20_000, max: 49_999 },
  iceServers: [],
  log: () => undefined,
}

/**
 * A room whose peers send and receive in the clear: mediasoup's PlainTransport stands where browsers have their
 * encrypted one. All else, the worker included, is what runs in production.
 */
export async function openPlainRoom(more: Partial<MediaOptions> = {}): Promise<PlainRoom> {
  const created: types.PlainTransport[] = []
  const routers: { router: types.Router; pid: number }[] = []
  const stopListening = onNewRouter((router, { pid }) => {
    routers.push({ router, pid })
    const open = async () => {
      const transport = await router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: '127.0.0.1', portRange: options.rtcPorts },
        comedia: true,
      })
      created.push(transport)
      return Object.assign(transport, {
        iceParameters: { usernameFragment: '', password: '' },
        iceCandidates: [],
        dtlsParameters: { fingerprints: [] },
      })
    }
    Object.defineProperty(router, 'createWebRtcTransport', { value: open })
  })
  const media = await startMedia({ ...options, ...more })
  const room = await media.openRoom(() => undefined)
  const [first] = routers
  if (first === undefined) throw new Error('no router was made')
  const sockets: Socket[] = []

  async function addPeer(): Promise<PlainPeer> {
    const peer = newId.peer()
    await room.addPeer(peer)
    const [send, recv] = created.splice(0, 2)
    if (send === undefined || recv === undefined) throw new Error('no transports were made')
    return { peer, socket: await openSocket(), send, recv, handedBytes: 0 }
  }

  async function openSocket(): Promise<Socket> {
    const socket = createSocket('udp4')
    sockets.push(socket)
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }

  return {
    media,
    room,
    router: first.router,
    workerPid: first.pid,
    addPeer,
    openSocket,
    async [Symbol.asyncDispose]() {
      stopListening()
      for (const socket of sockets) socket.close()
      await media[Symbol.asyncDispose]()
    },
  }
}

export interface PlainRoom extends AsyncDisposable {
  readonly media: Media
  readonly room: RoomMedia
  readonly router: types.Router
  readonly workerPid: number
  addPeer(): Promise<PlainPeer>
  openSocket(): Promise<Socket>
}

export interface PlainPeer {
  readonly peer: PeerId
  readonly socket: Socket
  readonly send: types.PlainTransport
  readonly recv: types.PlainTransport
  /** RTP sent over `send` by all streams of the peer. */
  handedBytes: number
}

export function onNewRouter(
  listener: (router: types.Router, worker: types.Worker) => void,
): () => void {
  const onWorker = (worker: types.Worker) => {
    worker.observer.on('newrouter', (router) => listener(router, worker))
  }
  observer.on('newworker', onWorker)
  return () => observer.off('newworker', onWorker)
}

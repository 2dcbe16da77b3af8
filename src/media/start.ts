import { errors } from 'mediasoup'
import { describeRouter, routerCodecs } from './codecs.ts'
import type { Media, MediaOptions, RoomMedia } from './contract.ts'
import { measureCpu } from './cpu.ts'
import { asking } from './failures.ts'
import { RouterRoom } from './room-media.ts'
import { Turns } from './turns.ts'
import { WorkerPool, type Host, type Tenant } from './worker-pool.ts'

/** Over all rooms: consuming costs this process more than the workers, and everyone's messages pass through it. */
const consumesInFlight = 12

/** Resolves when all workers listen. Throws PORT_TAKEN or MEDIA_UNAVAILABLE, and then nothing runs. */
export async function startMedia(options: MediaOptions): Promise<Media> {
  const router = describeRouter()
  const pool = await WorkerPool.start(options)
  const stopMeasuring = measureCpu(pool, options)
  const turns = new Turns(consumesInFlight)
  const rooms = new Set<RoomMedia>()
  const counts = { producers: 0, consumers: 0 }

  function count({
    producers = 0,
    consumers = 0,
  }: {
    producers?: number
    consumers?: number
  }): void {
    counts.producers += producers
    counts.consumers += consumers
    if (producers !== 0) options.observe?.producers(counts.producers)
    if (consumers !== 0) options.observe?.consumers(counts.consumers)
  }

  async function openOn(host: Host, onLost: () => void): Promise<RoomMedia> {
    const { worker, webRtcServer, tenants } = host
    const room = new RouterRoom({
      router: await worker.createRouter({ mediaCodecs: routerCodecs }),
      webRtcServer,
      turns,
      tapPorts: options.rtcPorts,
      consumersPerPeer: options.consumersPerPeer ?? 512,
      onCount: count,
      onClosed: () => {
        tenants.delete(tenant)
        rooms.delete(room)
      },
    })
    const tenant: Tenant = {
      get peerCount() {
        return room.peerCount
      },
      lose: () => {
        room.close()
        onLost()
      },
    }
    tenants.add(tenant)
    rooms.add(room)
    return room
  }

  async function openRoom(onLost: () => void): Promise<RoomMedia> {
    for (;;) {
      const host = await pool.pick()
      try {
        return await openOn(host, onLost)
      } catch (error) {
        // It died under our hands: try the next.
        if (!(error instanceof errors.WorkerClosedError)) throw error
      } finally {
        host.arriving -= 1
      }
    }
  }

  return {
    router,
    iceServers: options.iceServers,
    get isUp() {
      return pool.hosts.length > 0
    },
    openRoom: (onLost) =>
      asking('MEDIA_UNAVAILABLE', 'no media worker can take the room', () => openRoom(onLost)),
    async [Symbol.asyncDispose]() {
      stopMeasuring()
      for (const room of rooms) room.close()
      await pool.close()
    },
  }
}

import { createWorker, errors, type types } from 'mediasoup'
import { CallError } from '#protocol'
import type { MediaOptions } from './contract.ts'
import { unavailable } from './failures.ts'

/** One mediasoup process and the one port (or set of ports) that browsers reach it by. */
export interface LiveWorker {
  readonly index: number
  readonly worker: types.Worker
  readonly webRtcServer: types.WebRtcServer
}

/** Throws PORT_TAKEN when it cannot listen, MEDIA_UNAVAILABLE when the process does not start. */
export async function startWorker(index: number, options: MediaOptions): Promise<LiveWorker> {
  const worker = await spawn(options.workerBin)
  try {
    const webRtcServer = await worker.createWebRtcServer({
      listenInfos: listenInfos(index, options),
    })
    return { index, worker, webRtcServer }
  } catch (cause) {
    await stopWorker(worker)
    if (cause instanceof errors.WorkerClosedError) throw unavailable(cause)
    const where =
      options.firstPort === 0 ? 'the given port range' : `port ${options.firstPort + index}`
    throw new CallError('PORT_TAKEN', `media worker ${index} cannot listen on ${where}`, { cause })
  }
}

/** Resolves when the process has ended; one that does not end by itself in time is killed. */
export async function stopWorker(worker: types.Worker, patienceMs = 3000): Promise<void> {
  if (worker.subprocessClosed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  worker.on('subprocessclose', resolve)
  const impatience = setTimeout(() => kill(worker.pid), patienceMs)
  worker.close()
  await promise
  clearTimeout(impatience)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // ESRCH: it has ended just now.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function spawn(workerBin: string | undefined): Promise<types.Worker> {
  const hooked = new Map(signals.map((signal) => [signal, process.listeners(signal)]))
  const starting = createWorker({ logLevel: 'none', ...(workerBin !== undefined && { workerBin }) })
  // mediasoup ends its workers at once when the process is told to stop. People are still in calls then: the server
  // drains first and closes its workers last.
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!hooked.get(signal)?.includes(listener)) process.removeListener(signal, listener)
    }
  }
  try {
    return await starting
  } catch (cause) {
    throw new CallError(
      'MEDIA_UNAVAILABLE',
      'the media worker does not start: is it built and executable?',
      { cause },
    )
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const

function listenInfos(
  index: number,
  { listen, firstPort, rtcPorts }: MediaOptions,
): types.TransportListenInfo[] {
  const port = firstPort === 0 ? { portRange: rtcPorts } : { port: firstPort + index }
  return listen.flatMap(({ ip, announcedAddress }) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      ip,
      ...(announcedAddress !== undefined && { announcedAddress }),
      ...port,
      protocol,
    })),
  )
}

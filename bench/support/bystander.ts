/** A thread that sits in a room of its own and pings, so that the bustle of the main thread does not slow its clock. */
import { parentPort, workerData } from 'node:worker_threads'
import { Guest } from './guest.ts'

const everyMs = 2

const guest = new Guest(workerData)
await guest.joined
let timer: NodeJS.Timeout | undefined
let pings: Promise<number>[] = []

parentPort?.on('message', (word: 'start' | 'stop') => {
  clearInterval(timer)
  if (word === 'stop')
    return void Promise.all(pings).then((times) => parentPort?.postMessage(times))
  pings = []
  timer = setInterval(() => pings.push(timed()), everyMs)
})
parentPort?.postMessage('ready')

async function timed(): Promise<number> {
  const start = performance.now()
  await guest.ping()
  return performance.now() - start
}

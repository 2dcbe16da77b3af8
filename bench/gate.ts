/**
 * GATE: how long after a withdrawal packets of that person still go into the recording, on packets through a real worker.
 * `revoke` is what the server calls when a withdrawal arrives; it resolves at the worker's word. What the word is worth
 * is seen at a socket in the recorder's place: when the last packet came.
 */
import { once } from 'node:events'
import { newId } from '#protocol'
import {
  openCall,
  permit,
  produce,
  type RecordedCall,
} from '../test/integration/recording/support/call.ts'
import { p99, quantile } from './support/statistics.ts'
import { tell } from './support/tell.ts'

const goalMs = 50
const people = 20

await tell(async ({ isQuick }) => {
  await using call = await openCall()
  const sent = await Promise.all(
    Array.from({ length: people }, () => produce(call, newId.person(), 'microphone', 'opus')),
  )
  const [first] = sent
  if (first === undefined) throw new Error('nobody speaks')
  const samples = isQuick ? 100 : 1000
  const lastPackets = await speaking([first], 1, () => withTaps(call, first, samples))
  const words = await speaking(sent, 20, () => withRecorder(call, sent, samples / people))
  return [
    { metric: 'GATE withdrawal → worker’s word', times: words },
    { metric: 'GATE withdrawal → last packet', times: lastPackets },
  ].map(({ metric, times }) => ({
    metric: `${metric}, ${times.length} times`,
    ours: `p50 ${quantile(times, 0.5).toFixed(1)} ms, ${p99(times)}, max ${Math.max(...times).toFixed(1)}`,
    goal: `p99 ≤ ${goalMs} ms`,
    ...(times.length >= 1000 && { isMet: quantile(times, 0.99) <= goalMs }),
  }))
})

type Sent = Awaited<ReturnType<typeof produce>>

/** The whole way: a recorder process with all its streams open, people who withdraw one after another, and begin anew. */
async function withRecorder(
  call: RecordedCall,
  sent: readonly Sent[],
  rounds: number,
): Promise<number[]> {
  const { recording, requestId } = call.newRecording()
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    // Later than the withdrawals of the round before: an older permit would bring nobody back.
    await recording.apply(permit(requestId, sent, Date.now() + 1))
    if (recording.tapped().length !== sent.length) throw new Error('not everyone is being recorded')
    for (const { person } of sent) {
      const start = performance.now()
      await recording.revoke(person)
      times.push(performance.now() - start)
    }
  }
  await recording.finish()
  return times
}

/** A socket in the recorder's place. 0 where no packet came after the withdrawal. */
async function withTaps(
  { room }: RecordedCall,
  { producerId }: Sent,
  samples: number,
): Promise<number[]> {
  const socket = await room.openSocket()
  const { port } = socket.address()
  let lastAt = 0
  let marked = (): void => undefined
  socket.on('message', (packet) => {
    if (packet.toString() === 'mark') marked()
    else lastAt = performance.now()
  })
  const times: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const tap = await room.room.tap(producerId, { ip: '127.0.0.1', port, rtcpMux: true })
    const first = once(socket, 'message')
    await tap.resume()
    await first
    const start = performance.now()
    await tap.close()
    // Loopback keeps the order: once this has come back, so has every packet that the worker sent before its word.
    await new Promise<void>((resolve) => {
      marked = resolve
      socket.send('mark', port, '127.0.0.1')
    })
    times.push(Math.max(0, lastAt - start))
  }
  return times
}

/** Opus packets from all of them while the work is done. */
async function speaking<T>(
  sent: readonly Sent[],
  everyMs: number,
  work: () => Promise<T>,
): Promise<T> {
  let number = 0
  const timer = setInterval(() => {
    number += 1
    for (const { peer, ssrc } of sent)
      peer.socket.send(packet(ssrc, number), peer.send.tuple.localPort, '127.0.0.1')
  }, everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

/** RFC 3550 §5.1: 20 ms of sound that no decoder looks into here. */
function packet(ssrc: number, number: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16BE(0x806f, 0)
  bytes.writeUInt16BE(number & 0xffff, 2)
  bytes.writeUInt32BE((number * 960) % 2 ** 32, 4)
  bytes.writeUInt32BE(ssrc, 8)
  bytes.writeUInt8(0xf8, 12)
  return bytes
}

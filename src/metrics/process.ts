import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Instruments } from './instruments.ts'

/** What the process itself can tell, read when someone looks. */
export function watchProcess({ counter, gauge }: Instruments): { read(): void; stop(): void } {
  const loop = monitorEventLoopDelay({ resolution: resolutionMs })
  loop.enable()
  const [delay, memory] = [
    gauge('assent_event_loop_delay_seconds'),
    gauge('process_resident_memory_bytes'),
  ]
  const cpu = counter('process_cpu_seconds_total')
  let told = 0
  return {
    read: () => {
      // The histogram counts the timer's own period too, and NaN while it is empty.
      const late = (nanoseconds: number) =>
        Math.max(0, (nanoseconds || 0) / 1e9 - resolutionMs / 1000)
      delay.set({ quantile: '0.5' }, late(loop.percentile(50)))
      delay.set({ quantile: '0.99' }, late(loop.percentile(99)))
      delay.set({ quantile: '1' }, late(loop.max))
      loop.reset()
      memory.set(process.memoryUsage.rss())
      const { user, system } = process.cpuUsage()
      cpu.inc((user + system) / 1e6 - told)
      told = (user + system) / 1e6
    },
    stop: () => void loop.disable(),
  }
}

const resolutionMs = 10

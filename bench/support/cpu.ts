import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

// proc_pid_stat(5): times are in clock ticks, 100 a second on every Linux that Node runs on.
const tickMicros = 10_000

/** CPU time of a process and of all that it started, in microseconds, as fine as the kernel tells it: 10 ms. */
function cpuMicros(pid: number): number {
  // The name before the last parenthesis may hold blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number)
  return (
    (user + system) * tickMicros + childrenOf(pid).reduce((sum, child) => sum + cpuMicros(child), 0)
  )
}

/** CPU time that `work` costs these processes, from rest to rest: what they still do after it is counted too. */
export async function cpuOf(pid: number, work: () => Promise<void>): Promise<number> {
  const before = await atRest(pid)
  await work()
  return (await atRest(pid)) - before
}

/** Resolves with the CPU time so far when it has stopped growing. */
async function atRest(pid: number): Promise<number> {
  for (let before = cpuMicros(pid); ; ) {
    await wait(50)
    const now = cpuMicros(pid)
    if (now === before) return now
    before = now
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  )
}

import { recordHeader, type Entry } from './entry.ts'
import type { CoreRecord } from './records.ts'

/** One entry, opened: its place in the log and what it says. */
export type Opened = { readonly index: number; readonly core: CoreRecord }

/**
 * The entries that close what a crash left open: each gate without its `gate-closed`, each recording without its
 * `effect-stopped`. Going on needs a new gate. Keys name the entry that is closed, so a second crash repeats nothing.
 */
export function interruptedGates(opened: Iterable<Opened>, nowMs: number): Entry[] {
  const gates = new Map<string, Opened>()
  const effects = new Map<string, Entry>()
  for (const entry of opened) {
    const { core, index } = entry
    switch (core.type) {
      case 'gate-open':
        gates.set(core.requestId, entry)
        break
      case 'gate-closed':
        gates.delete(core.requestId)
        break
      case 'effect-started':
        effects.set(core.recordingId, {
          key: `interrupted:${index}`,
          core: {
            ...recordHeader('effect-stopped', core.session.id),
            event: { state: 'interrupted', time: nowMs },
            requestId: core.requestId,
            recordingId: core.recordingId,
          },
        })
        break
      case 'effect-stopped':
        effects.delete(core.recordingId)
        break
    }
  }
  return [
    ...[...gates].map(([requestId, gate]) => closing(requestId, gate, nowMs)),
    ...effects.values(),
  ]
}

function closing(requestId: string, { index, core }: Opened, nowMs: number): Entry {
  return {
    key: `interrupted:${index}`,
    core: {
      ...recordHeader('gate-closed', core.session.id),
      event: { state: 'interrupted', time: nowMs, cause: 'server-restarted' },
      requestId,
    },
  }
}

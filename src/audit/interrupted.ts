import { recordHeader, type Entry } from './entry.ts'
import type { CoreRecord } from './records.ts'

/** One entry, opened: its place in the log and what it says. */
export type Opened = { readonly index: number; readonly core: CoreRecord }

/**
 * The entries that close what a crash left open: each gate without its `gate-closed`, each recording without its
 * `effect-stopped`. Going on needs a new gate. Keys name the entry that is closed, so a second crash repeats nothing.
 */
export function interruptedGates(opened: Iterable<Opened>, nowMs: number): Entry[] {
  const gates = new Map<string, Entry>()
  const effects = new Map<string, Entry>()
  for (const { core, index } of opened) {
    switch (core.type) {
      case 'gate-open':
        gates.set(core.requestId, {
          key: `interrupted:${index}`,
          core: {
            ...recordHeader('gate-closed', core.session.id),
            event: { state: 'interrupted', time: nowMs, cause: 'server-restarted' },
            requestId: core.requestId,
          },
        })
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
  return [...gates.values(), ...effects.values()]
}

import type { Line } from './child.ts'

/** What a log has promised to anyone, over all its processes, and what else it was asked to write. */
export type Story = {
  /** The index of each key. */
  readonly promised: ReadonlyMap<string, number>
  /** The checkpoints that came with them, each with the highest index that it was to cover. */
  readonly notes: ReadonlyMap<string, number>
  /** The hash of what opens an entry, by its index, as whoever decided it has it. */
  readonly receipts: ReadonlyMap<number, string>
  /** Keys that were asked for; those without a promise may be in the log or not. */
  readonly asked: ReadonlySet<string>
  /** Keys that were promised two places. */
  readonly twice: readonly string[]
}

export const emptyStory: Story = {
  promised: new Map(),
  notes: new Map(),
  receipts: new Map(),
  asked: new Set(),
  twice: [],
}

/** The story goes on with what one process said. Its keys are asked in order, and each lane waits for its own. */
export function continued(
  story: Story,
  lines: readonly Line[],
  { round, inFlight }: { readonly round: string; readonly inFlight: number },
): Story {
  const promises = lines.filter((line) => line.type === 'promised')
  const promised = new Map(story.promised)
  const notes = new Map(story.notes)
  const receipts = new Map(story.receipts)
  const twice = [...story.twice]
  for (const { key, index, note } of promises) {
    if ((promised.get(key) ?? index) !== index) twice.push(key)
    promised.set(key, index)
    notes.set(note, Math.max(index, notes.get(note) ?? 0))
  }
  for (const line of lines) if (line.type === 'receipt') receipts.set(line.index, line.sha256)
  const mayBeAsked = promises.length + inFlight
  return {
    promised,
    notes,
    receipts,
    asked: new Set([
      ...story.asked,
      `${round}-later`,
      ...Array.from({ length: mayBeAsked }, (_, n) => `${round}-${n}`),
    ]),
    twice,
  }
}

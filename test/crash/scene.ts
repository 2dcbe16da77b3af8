import { rmSync } from 'node:fs'
import type { Task } from './child.ts'
import { readJournal, type Operation } from './journal.ts'
import { runChild, type Ended, type Run } from './run-child.ts'
import type { Kind } from './shim.ts'
import { continued, emptyStory, type Story } from './story.ts'
import type { Workshop } from './workshop.ts'

/** A log and what it lives through: opened, appended to and closed, twice over. */
export type Scene = {
  readonly name: string
  /** The folder of the log as it is before. */
  readonly from: string
  readonly story: Story
  readonly pragma?: string
  /** How many operations of each kind it takes when nothing goes wrong. */
  readonly counts: Readonly<Record<Kind, number>>
}

/** A new log; one that moves its pages into the database at nearly every commit; one that recovers from a kill. */
export async function openScenes(workshop: Workshop): Promise<Scene[]> {
  const counted = async (scene: Omit<Scene, 'counts'>): Promise<Scene> => {
    // One that cannot even live without a fault will be found out by every test.
    const { operations } = await record(workshop, scene, workshop.newRoot(scene.from))
    return { ...scene, counts: countsOf(operations) }
  }
  const from = workshop.newRoot()
  const story = emptyStory
  const fresh = await counted({ name: 'new', from, story })
  const busy = await counted({ name: 'busy', from, story, pragma: 'wal_autocheckpoint = 8' })
  const root = workshop.newRoot()
  // In the middle of the second opening, with pages that are in no database yet.
  const fault = { act: 'after', kind: 'sync', at: Math.round(fresh.counts.sync * 0.8) } as const
  const killed = await play(workshop, fresh, root, { fault, task: { round: 'before' } })
  return [fresh, busy, await counted({ name: 'killed', from: root, story: killed.story })]
}

type Player = Pick<Workshop, 'library'>
type Before = Pick<Scene, 'story' | 'pragma'>
type Change = Partial<Omit<Run, 'library' | 'task'>> & { readonly task?: Partial<Task> }
type Played = { readonly ended: Ended; readonly story: Story }

/** Plays the scene in a process of its own, changed in one way or another. */
export async function play(
  { library }: Player,
  { story, pragma }: Before,
  root: string,
  { task: changed, ...run }: Change,
): Promise<Played> {
  const task = { root, ...sceneTask, ...changed }
  const settings = { ...(pragma !== undefined && { pragma }), ...run }
  const ended = await runChild({ library, task, ...settings })
  return { ended, story: continued(story, ended.lines, task) }
}

/** Plays it and writes down what it does to its files. */
export async function record(
  player: Player,
  before: Before,
  root: string,
  change: Change = {},
): Promise<Played & { readonly operations: readonly Operation[] }> {
  const journal = `${root}.journal`
  const played = await play(player, before, root, { ...change, journal })
  const operations = readJournal(journal)
  rmSync(journal)
  return { ...played, operations }
}

/** Throws unless the scene was played to its end, and all was promised. */
export function demandWhole({ lines, complaint }: Ended): void {
  const wrong = lines.find(({ type }) => !['promised', 'receipt', 'closed'].includes(type))
  const promised = lines.filter(({ type }) => type === 'promised').length
  const isWhole = promised === sceneTask.openings[0] + sceneTask.openings[1]
  if (complaint === undefined && wrong === undefined && isWhole) return
  throw new Error(`without a fault: ${complaint ?? JSON.stringify(wrong)}, ${promised} promises`)
}

function countsOf(operations: readonly Operation[]): Record<Kind, number> {
  const counts = { sync: 0, folder: 0, write: 0, change: 0 }
  for (const operation of operations) {
    const { type } = operation
    if (type === 'synced') counts[operation.isFolder ? 'folder' : 'sync'] += 1
    else if (type === 'written') counts.write += 1
    else if (type !== 'said') counts.change += 1
  }
  return counts
}

export const sceneTask = { round: 'scene', inFlight: 4, openings: [9, 24] } as const
/** The scene, and then more and more until it is killed. */
export const endless = [...sceneTask.openings, 1e9]

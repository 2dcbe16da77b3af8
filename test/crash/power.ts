import { rmSync } from 'node:fs'
import type { Case } from './case.ts'
import { Disk, everything, nothing, type Cut } from './disk.ts'
import { differences, found, lay } from './images.ts'
import type { Operation } from './journal.ts'
import { points, spread } from './points.ts'
import { prove } from './prove.ts'
import type { Random } from './random.ts'
import type { Rig } from './rig.ts'
import { parseLines } from './run-child.ts'
import { demandWhole, record, sceneTask } from './scene.ts'
import { continued, type Story } from './story.ts'

/** Power cuts at many moments of one life of each scene, and all that each may leave of it. */
export async function* powerCut(
  pragma: string | undefined,
  rig: Rig,
  random: Random,
  images: number,
): AsyncIterable<Case> {
  const share = Math.max(0, images / rig.scenes.length / 4 - 1)
  for (const scene of rig.scenes) {
    const root = rig.newRoot(scene.from)
    const disk = new Disk(found(root))
    const pragmas = [scene.pragma, pragma].filter((one) => one !== undefined)
    const slow = { slowUs, ...(pragmas.length > 0 && { pragma: pragmas.join('; PRAGMA ') }) }
    const { ended, operations } = await record(rig, scene, root, slow)
    demandWhole(ended)
    const life = { name: scene.name, root, disk, operations, story: scene.story }
    // Surely also when all was promised, and the log was not yet closed.
    const promised = operations.findLastIndex(isPromise)
    const moments = [...spread(operations.length, share, random), promised + 1]
    yield* cuts(rig, life, moments, waysOf(random))
    const unseen = differences(disk.after(everything), root)
    if (unseen.length > 0) throw new Error(`the journal misses what was done to ${unseen.join()}`)
    rmSync(root, { recursive: true })
  }
}

/**
 * A process ends badly at a sync, and the server is started again: it finds in memory what the disk never got, and tells
 * people of it. Then the power is cut.
 */
export async function* powerCutAfterRestart(
  rig: Rig,
  random: Random,
  images: number,
): AsyncIterable<Case> {
  const acts = ['EIO', 'lose', 'before'] as const
  const starts = Math.ceil(images / 8)
  const chosen = (['sync', 'folder'] as const).flatMap((kind) =>
    points(rig, random, kind, starts).map((point) => ({ kind, ...point })),
  )
  for (const [turn, { kind, scene, at }] of chosen.entries()) {
    const act = acts[turn % acts.length]!
    const root = rig.newRoot(scene.from)
    const disk = new Disk(found(root))
    const first = await record(rig, scene, root, { fault: { act, kind, at } })
    if (first.ended.complaint !== undefined) throw new Error(first.ended.complaint)
    for (const operation of first.operations) disk.apply(operation)
    // It is asked for the same entries again.
    const again = { ...scene, story: first.story }
    const { ended, operations } = await record(rig, again, root, { slowUs })
    demandWhole(ended)
    const isUp = 1 + operations.findIndex(({ type }) => type === 'said')
    const name = `${scene.name}: ${act} ${kind} ${at}, started again`
    const life = { name, root, disk, operations, story: first.story }
    const moments = [isUp, ...spread(operations.length, 1, random)]
    const { 'some writes': some } = waysOf(random)
    yield* cuts(rig, life, moments, { nothing, 'some writes': some })
    rmSync(root, { recursive: true })
  }
}

type Life = {
  readonly name: string
  readonly root: string
  /** As it was before; it is then taken through the operations. */
  readonly disk: Disk
  readonly operations: readonly Operation[]
  readonly story: Story
}

async function* cuts(
  rig: Rig,
  { name, root, disk, operations, story }: Life,
  moments: readonly number[],
  ways: Readonly<Record<string, Cut>>,
): AsyncIterable<Case> {
  let said = ''
  for (const [at, operation] of operations.entries()) {
    for (const [kept, cut] of Object.entries(moments.includes(at) ? ways : {})) {
      const now = continued(story, parseLines(said), sceneTask)
      const after = rig.newRoot()
      lay(disk.after(cut), root, after)
      yield {
        name: `${name}: before operation ${at} of ${operations.length}, ${kept} kept`,
        acknowledged: now.promised.size,
        proof: await prove(after, now),
        complaints: [],
      }
      rmSync(after, { recursive: true })
    }
    disk.apply(operation)
    if (operation.type === 'said') said += operation.text
  }
}

function waysOf(random: Random) {
  const isKept = (): boolean => random() < 0.5
  return {
    nothing,
    everything,
    'some writes': { unit: 'write', isKept },
    'some sectors': { unit: 'sector', isKept },
  } as const
}

const isPromise = (operation: Operation): boolean =>
  operation.type === 'said' && operation.text.includes('"promised"')

/** A slow disk: whoever promises before a sync has ended is heard before it. */
const slowUs = 3000

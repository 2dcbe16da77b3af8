import { rmSync } from 'node:fs'
import type { Case } from './case.ts'
import { conduct, isHarmless } from './conduct.ts'
import { Disk, nothing } from './disk.ts'
import { found, lay } from './images.ts'
import { points } from './points.ts'
import { prove } from './prove.ts'
import type { Random } from './random.ts'
import type { Rig } from './rig.ts'
import { parseLines } from './run-child.ts'
import { record, type Scene } from './scene.ts'
import type { Fault } from './shim.ts'

/**
 * One operation fails, or each from that one on. The log must say so and take nothing more; what it promised before must
 * be there at the next start, and on the disk even if the power is cut at once.
 */
export async function* faulted(
  fault: Omit<Fault, 'at'>,
  rig: Rig,
  random: Random,
  count: number,
): AsyncIterable<Case> {
  for (const { scene, at } of points(rig, random, fault.kind, count)) {
    let struck: Case | undefined
    // How many operations there are depends on how many entries share a commit: one of the last may not come again.
    for (let now = at; struck === undefined && now > 0; now = Math.floor(now * 0.9))
      struck = await strike(rig, scene, { ...fault, at: now })
    if (struck === undefined) throw new Error(`${scene.name} has no ${fault.kind}`)
    yield struck
  }
}

/** Undefined when it ended before the fault came. */
async function strike(rig: Rig, scene: Scene, fault: Fault): Promise<Case | undefined> {
  const root = rig.newRoot(scene.from)
  const cut = rig.newRoot()
  try {
    const disk = new Disk(found(root))
    const { ended, story, operations } = await record(rig, scene, root, { fault })
    let mayLive: boolean | undefined
    let said = ''
    for (const operation of operations) {
      if (operation.type === 'said') said += operation.text
      if (operation.type === 'faulted')
        mayLive ??= isHarmless(fault, parseLines(said), operation.inode, disk)
      disk.apply(operation)
    }
    if (mayLive === undefined) return undefined
    lay(disk.after(nothing), root, cut)
    const afterCut = await prove(cut, story)
    return {
      name: `${scene.name}: ${fault.act} ${fault.kind} ${fault.at}`,
      acknowledged: story.promised.size - scene.story.promised.size,
      proof: await prove(root, story),
      complaints: [
        ...(ended.complaint === undefined ? [] : [ended.complaint]),
        ...conduct(fault, ended.lines, mayLive),
        ...afterCut.complaints.map((one) => `after a power cut: ${one}`),
      ],
    }
  } finally {
    for (const place of [root, cut]) rmSync(place, { recursive: true })
  }
}

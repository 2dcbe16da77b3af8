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
import { record } from './scene.ts'
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
    const root = rig.newRoot(scene.from)
    const disk = new Disk(found(root))
    const change = { fault: { ...fault, at } }
    const { ended, story, operations } = await record(rig, scene, root, change)
    let mayLive: boolean | undefined
    let said = ''
    for (const operation of operations) {
      if (operation.type === 'said') said += operation.text
      if (operation.type === 'faulted')
        mayLive ??= isHarmless(fault, parseLines(said), operation.inode, disk)
      disk.apply(operation)
    }
    const cut = rig.newRoot()
    lay(disk.after(nothing), root, cut)
    const afterCut = await prove(cut, story)
    yield {
      name: `${scene.name}: ${fault.act} ${fault.kind} ${at}`,
      acknowledged: story.promised.size - scene.story.promised.size,
      proof: await prove(root, story),
      complaints: [
        ...(ended.complaint === undefined ? [] : [ended.complaint]),
        ...(mayLive === undefined
          ? ['the fault never came']
          : conduct(fault, ended.lines, mayLive)),
        ...afterCut.complaints.map((one) => `after a power cut: ${one}`),
      ],
    }
    for (const place of [root, cut]) rmSync(place, { recursive: true })
  }
}

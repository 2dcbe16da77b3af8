import { isDecision } from './acts.ts'
import type { Rig } from './rig.ts'
import { parseLines } from './run-child.ts'
import { record } from './scene.ts'
import { emptyStory } from './story.ts'

/** More than that and people wait for the disk: one for what opens the decision, one for the tree. */
export const maxSyncs = 2

/** How often the disk is waited for between two things that are said, where the second is that a decision is in the log. */
export async function syncsPerDecision(rig: Rig): Promise<number> {
  const task = { round: 'alone', inFlight: 1, openings: [150] }
  const { ended, operations } = await record(rig, { story: emptyStory }, rig.newRoot(), { task })
  if (ended.complaint !== undefined) throw new Error(ended.complaint)
  let syncs = 0
  const ofDecisions: number[] = []
  for (const operation of operations) {
    if (operation.type === 'synced') syncs += 1
    if (operation.type !== 'said') continue
    const [line] = parseLines(operation.text)
    if (line?.type === 'promised' && isDecision(line.key)) ofDecisions.push(syncs)
    syncs = 0
  }
  if (ofDecisions.length !== 50) throw new Error(`${ofDecisions.length} of 50 decisions`)
  return ofDecisions.reduce((sum, count) => sum + count) / ofDecisions.length
}

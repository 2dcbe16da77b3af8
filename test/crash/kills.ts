import { rmSync } from 'node:fs'
import type { Case } from './case.ts'
import { points } from './points.ts'
import { prove } from './prove.ts'
import type { Random } from './random.ts'
import type { Rig } from './rig.ts'
import type { Ended } from './run-child.ts'
import { endless, play } from './scene.ts'
import type { Kind } from './shim.ts'
import { emptyStory } from './story.ts'

/** SIGKILL from outside at any moment; five to each log, so that it recovers from what a recovery left. */
export async function* killedAtAnyMoment(
  rig: Rig,
  random: Random,
  kills: number,
): AsyncIterable<Case> {
  let root = ''
  let before = emptyStory
  for (let kill = 0; kill < kills; kill++) {
    if (kill % 5 === 0) [root, before] = [rig.newRoot(), emptyStory]
    const inFlight = [1, 8, 64][kill % 3]!
    const killAfter = 1 + Math.floor(random() * 200)
    const task = { round: `round${kill}`, inFlight, openings: [1e9] }
    const { ended, story } = await play(rig, { story: before }, root, { killAfter, task })
    const proof = await prove(root, story)
    yield {
      name: `kill ${kill}, ${inFlight} in flight, after ${killAfter} promises`,
      acknowledged: story.promised.size - before.promised.size,
      proof,
      complaints: unlessKilled(ended),
    }
    before = proof.story
  }
}

/** SIGKILL before, in or after one operation, wherever that is. */
export async function* killedAt(
  kind: Kind,
  rig: Rig,
  random: Random,
  count: number,
): AsyncIterable<Case> {
  const acts = (['before', 'after', 'half'] as const).slice(0, kind === 'write' ? 3 : 2)
  let turn = 0
  for (const { scene, at } of points(rig, random, kind, count)) {
    const act = acts[turn++ % acts.length]!
    const root = rig.newRoot(scene.from)
    const fault = { act, kind, at }
    const { ended, story } = await play(rig, scene, root, { fault, task: { openings: endless } })
    yield {
      name: `${scene.name}: ${act} ${kind} ${at}`,
      acknowledged: story.promised.size - scene.story.promised.size,
      proof: await prove(root, story),
      complaints: unlessKilled(ended),
    }
    rmSync(root, { recursive: true })
  }
}

function unlessKilled({ isKilled, complaint }: Ended): string[] {
  if (complaint !== undefined) return [complaint]
  return isKilled ? [] : ['it ended without being killed']
}

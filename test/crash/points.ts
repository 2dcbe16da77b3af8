import type { Random } from './random.ts'
import type { Rig } from './rig.ts'
import type { Scene } from './scene.ts'
import type { Kind } from './shim.ts'

/** An operation of a scene, counted from 1 among those of its kind. */
export type Point = { readonly scene: Scene; readonly at: number }

/** So many operations of one kind, evenly over all scenes; all there are, where they are fewer. */
export function points({ scenes }: Rig, random: Random, kind: Kind, count: number): Point[] {
  const all = scenes.flatMap((scene) =>
    Array.from({ length: scene.counts[kind] }, (_, index): Point => ({ scene, at: index + 1 })),
  )
  return spread(all.length, count, random).map((index) => all[index]!)
}

/** So many of the numbers below `end`, each from its own part of them; all of them where they are fewer. */
export function spread(end: number, count: number, random: Random): number[] {
  const step = Math.max(1, end / count)
  return Array.from({ length: Math.min(end, count) }, (_, i) => Math.floor((i + random()) * step))
}

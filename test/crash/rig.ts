import { openScenes, type Scene } from './scene.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

/** What every test needs: a workshop, and logs to crash in it. */
export type Rig = Workshop & { readonly scenes: readonly Scene[] }

/** Throws when there is no compiler. The caller disposes of it. */
export async function openRig(): Promise<Rig> {
  const workshop = openWorkshop()
  try {
    return { ...workshop, scenes: await openScenes(workshop) }
  } catch (error) {
    workshop[Symbol.dispose]()
    throw error
  }
}

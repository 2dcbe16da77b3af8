/**
 * What must hold for the server to take new calls. Each is answered from memory: nothing remote can
 * make it hang or fail.
 */
export type Health = Readonly<Record<string, () => boolean>>

/** The names of what does not hold. A check that throws does not hold. */
export function failing(health: Health): string[] {
  return Object.entries(health)
    .filter(([, holds]) => !isHolding(holds))
    .map(([name]) => name)
}

function isHolding(holds: () => boolean): boolean {
  try {
    return holds()
  } catch {
    // Whatever went wrong, the answer is no; the check's owner has its own log.
    return false
  }
}

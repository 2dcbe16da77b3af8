/**
 * By when a demand has to be met: a calendar month after it came, or three where it was extended (GDPR art. 12(3)). The
 * same day and time in UTC; where that month has no such day, its last one. Times in ms since the epoch.
 */
export const dueAt = (receivedAt: number, isExtended: boolean): number =>
  monthsLater(receivedAt, isExtended ? 3 : 1)

export const isOverdue = (
  demand: { readonly state: string; readonly receivedAt: number; readonly isExtended: boolean },
  now: number,
): boolean => demand.state === 'received' && now > dueAt(demand.receivedAt, demand.isExtended)

function monthsLater(at: number, months: number): number {
  const date = new Date(at)
  const month = date.getUTCMonth() + months
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), lastDay)
  return Date.UTC(date.getUTCFullYear(), month, day) + (at - startOfDay(at))
}

const startOfDay = (at: number): number => new Date(at).setUTCHours(0, 0, 0, 0)

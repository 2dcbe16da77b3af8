import type { DataKind } from '#audit'
import type { Due } from './retention.ts'

/** One kind of data that is kept for a time: what of it is due, and how it is removed. */
export interface Shelf {
  readonly kind: DataKind
  /** What has reached its end, on hold or not. */
  due(now: number): Promise<readonly Due[]>
  /** Removes one thing, durably on return, and says so in the log where a person's own record speaks of it. */
  remove(id: string): Promise<void>
}

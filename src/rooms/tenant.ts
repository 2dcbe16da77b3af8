import type { StepUp } from '#auth'
import type { NoticeSettings } from '#consent'
import type { Party, ReaderId, RecordingOptions } from '#protocol'

/** A controller and its own rules: whoever's issuer signed the token. */
export type Tenant = {
  readonly notice: NoticeSettings
  readonly controllers: readonly Party[]
  readonly readers: readonly Reader[]
  readonly options: RecordingOptions
  readonly maxPeople: number
  readonly refuseMinors: boolean
  readonly demo: boolean
  /** What asking to record demands of the sign-in; null: nothing more than the token. */
  readonly stepUp: StepUp | null
}

/** `recipient`: an age public key; whoever holds its identity can open what is sealed to it. */
export type Reader = {
  readonly readerId: ReaderId
  readonly name: string
  readonly recipient: string
}

import type { Peer, Streams } from '#sdk'
import { initials } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Video } from '../parts/video.tsx'
import { Ring } from '../record/ring.tsx'

export interface TileView {
  readonly person: Peer
  readonly isYou: boolean
  readonly picture: MediaStream | undefined
  readonly muted: boolean
  readonly speaking: boolean
  readonly poor: boolean
  /** Under `each` while it records; null where no badge is due. */
  readonly inIt: boolean | null
}

/** One person: a picture or initials, the name, and whether the microphone is on, whether they speak, and are in it. */
export function Tile({
  view,
  place,
  column,
}: {
  readonly view: TileView
  /** Chooses the ground of a tile without a picture. */
  readonly place: number
  readonly column?: number | undefined
}) {
  const { t } = useText()
  const { person, isYou, picture, muted, speaking, poor, inIt } = view
  const [icon, spoken] = microphoneOf(muted, speaking)
  return (
    <li
      className={speaking ? 'tile speaking' : 'tile'}
      data-ground={place % 6}
      style={column === undefined ? undefined : { gridColumnStart: column }}
    >
      {picture === undefined ? (
        <div className="initials" aria-hidden="true">
          <span>{initials(person.name)}</span>
        </div>
      ) : (
        <Video stream={picture} mirrored={isYou} />
      )}
      {inIt !== null && (
        <p className={inIt ? 'badge' : 'badge out'}>
          <Ring shape={inIt ? 'closed' : 'out'} />
          <span aria-hidden="true">{t(inIt ? 'tile.in' : 'tile.out')}</span>
          <span className="sr">
            {t(inIt ? 'tile.in.long' : 'tile.out.long', { name: person.name })}
          </span>
        </p>
      )}
      <p className="plate">
        <Icon name={icon} />
        <span className="sr">{t(spoken)},</span>
        <span className="name">{person.name}</span>
        {isYou && <span className="you">{t('you')}</span>}
        {poor && (
          <span className="you poor">
            <Icon name="connection" />
            {t(person.connected ? 'tile.poor' : 'tile.gone')}
          </span>
        )}
      </p>
    </li>
  )
}

function microphoneOf(
  muted: boolean,
  speaking: boolean,
): readonly [IconName, 'tile.speaking' | 'tile.muted' | 'tile.microphoneOn'] {
  if (speaking) return ['speaking', 'tile.speaking']
  return muted ? ['microphoneOff', 'tile.muted'] : ['microphone', 'tile.microphoneOn']
}

/** Whether someone sends a source now; a paused one is there and silent. */
export const sends = ({ sending }: Peer, source: keyof Streams): boolean =>
  sending.some((stream) => stream.source === source && !stream.paused)

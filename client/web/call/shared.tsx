import type { Call, CallView, PeerId } from '#sdk'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Video } from '../parts/video.tsx'

/** A shared screen, in its own proportions, and whether it is in the recording. */
export function Shared({
  call,
  callView,
  sharer,
}: {
  readonly call: Call
  readonly callView: CallView
  readonly sharer: PeerId
}) {
  const { t } = useText()
  const isOwn = sharer === callView.you
  const name = callView.people.find(({ peerId }) => peerId === sharer)?.name ?? ''
  const stream = call.streams(sharer).screen
  const label = isOwn ? t('share.own') : t('share.by', { name })
  return (
    <figure className="share-screen" aria-label={label}>
      {/* One's own screen inside itself would be a hall of mirrors. */}
      {!isOwn && stream !== undefined && <Video stream={stream} whole />}
      {isOwn && (
        <div className="share-own">
          <Icon name="screen" />
          <p>{t('share.own')}</p>
          <button className="btn" type="button" onClick={() => call.stopSharing()}>
            {t('share.stop')}
          </button>
        </div>
      )}
      <figcaption className="plate">
        <Icon name="screen" />
        <span className="name">{label}</span>
        {leftOut(callView) && <span className="you">{t('share.notRecorded')}</span>}
      </figcaption>
    </figure>
  )
}

/** A recording runs, and screens are not what it is for. */
function leftOut({ consent, notice }: CallView): boolean {
  const runs = consent.state === 'recording' || consent.state === 'paused'
  return runs && notice.state === 'matches' && !notice.notice.media.screen
}

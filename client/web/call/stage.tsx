import { useEffect, useEffectEvent, useMemo, useState, type CSSProperties } from 'react'
import type { Call, CallView } from '#sdk'
import { useText } from '../language/text.tsx'
import { gridOf, inOrder, pageSizeOf, pagesOf, startOf } from './grid.ts'
import { Pages } from './pages.tsx'
import { Shared } from './shared.tsx'
import { Tile, type TileView } from './tile.tsx'
import { sharerOf } from './tile-views.ts'
import { useSize } from './use-size.ts'
import { useSpokeLately } from './use-spoke-lately.ts'

/** Everyone in the call, or a shared screen with people beside it. What is not on this page is not received. */
export function Stage({
  call,
  callView,
  views,
  isPhone,
}: {
  readonly call: Call
  readonly callView: CallView
  readonly views: readonly TileView[]
  readonly isPhone: boolean
}) {
  const { t } = useText()
  const [ref, size] = useSize<HTMLElement>()
  const [page, setPage] = useState(0)
  const spokeLately = useSpokeLately(callView.speaking)
  const sharer = sharerOf(callView)

  const pageSize = sharer === null ? pageSizeOf(isPhone) : stripSize(size, isPhone)
  const people = useMemo(
    () =>
      inOrder(
        views.map(({ person }) => person),
        callView.you,
        spokeLately,
        pageSize,
      ),
    [views, callView.you, spokeLately, pageSize],
  )
  const pages = pagesOf(people, pageSize)
  const shown = pages[Math.min(page, pages.length - 1)] ?? []
  const watch = useEffectEvent(() =>
    call.watchOnly(
      shown.map(({ peerId }) => peerId),
      sharer === null ? [] : [sharer],
    ),
  )
  // A new array at each change of anything; who is on it is what counts.
  const ids = shown.map(({ peerId }) => peerId).join()
  useEffect(() => watch(), [call, ids, sharer])

  const tiles = shown.flatMap(
    ({ peerId }) => views.find(({ person }) => person.peerId === peerId) ?? [],
  )
  const turner = pages.length > 1 && (
    <Pages count={pages.length} page={Math.min(page, pages.length - 1)} onTurn={setPage} />
  )
  return (
    <main className="stage" ref={ref}>
      {sharer === null ? (
        <Tiles
          tiles={tiles}
          places={callView.people.map(({ peerId }) => peerId)}
          isPhone={isPhone}
          size={size}
        />
      ) : (
        <div className="share">
          <Shared call={call} callView={callView} sharer={sharer} />
          <ul className="share-strip" aria-label={t('stage.people')}>
            {tiles.map((view, place) => (
              <Tile key={view.person.peerId} view={view} place={place} />
            ))}
          </ul>
        </div>
      )}
      {callView.people.filter(({ kind }) => kind === 'person').length === 1 && sharer === null && (
        <p className="alone">{t('stage.alone')}</p>
      )}
      {turner}
    </main>
  )
}

function Tiles({
  tiles,
  places,
  isPhone,
  size,
}: {
  readonly tiles: readonly TileView[]
  readonly places: readonly string[]
  readonly isPhone: boolean
  readonly size: { readonly width: number; readonly height: number }
}) {
  const { t } = useText()
  const count = tiles.length
  const grid = gridOf(count, size, isPhone)
  const shape: CSSProperties & Record<`--${string}`, number> = {
    '--cols': grid.columns,
    '--rows': grid.rows,
  }
  return (
    <ul
      className="tiles"
      data-n={count}
      data-many={count > 12 || undefined}
      style={shape}
      aria-label={t('stage.people')}
    >
      {tiles.map((view, place) => (
        <Tile
          key={view.person.peerId}
          view={view}
          place={places.indexOf(view.person.peerId)}
          column={isPhone ? undefined : startOf(place, count, grid)}
        />
      ))}
    </ul>
  )
}

/** As many as fit beside the screen, four below it on a phone. */
const stripSize = ({ height }: { readonly height: number }, isPhone: boolean): number =>
  isPhone ? 4 : Math.max(2, Math.floor(height / 124))

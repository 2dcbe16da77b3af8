import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Sheet } from '../parts/sheet.tsx'

/** The bytes shown would not be the bytes decided upon, so there are no answers. */
export function MismatchSheet({ onSetAside }: { readonly onSetAside: () => void }) {
  const { t } = useText()
  return (
    <Sheet labelledBy="n-t">
      <div className="notice-top">
        <div>
          <p className="kicker">{t('notice.kicker')}</p>
          <h2 id="n-t" tabIndex={-1}>
            {t('notice.mismatch.title')}
          </h2>
        </div>
        <button
          className="btn plain iconbtn"
          type="button"
          aria-label={t('notice.setAside')}
          onClick={onSetAside}
        >
          <Icon name="down" />
        </button>
      </div>
      <div className="side-body">
        <p className="purpose plain">{t('notice.mismatch')}</p>
      </div>
    </Sheet>
  )
}

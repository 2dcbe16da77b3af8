import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { aboutMe, isDemo } from '#sdk'
import { AboutMePage } from './about-me/about-me-page.tsx'
import { EndPage } from './call/end-page.tsx'
import { remembered } from './entry/remembered.ts'
import { takeToken } from './entry/token.ts'
import { chooseLanguage, loadStrings } from './language/languages.ts'
import { WordsOf } from './language/text.tsx'
import { DemoBanner } from './parts/demo-banner.tsx'
import './styles/all.css'

const token = takeToken()
const language = chooseLanguage(remembered('language'), navigator.languages)
const root = document.getElementById('root')
if (root === null) throw new Error('me.html has no #root')
const strings = await loadStrings(language)
const port = token === null ? null : aboutMe({ baseUrl: location.origin, token })
const page = createRoot(root)
const show = (demo: boolean) =>
  page.render(
    <StrictMode>
      <WordsOf initial={{ language, strings }}>
        {demo && <DemoBanner />}
        {port === null ? (
          <EndPage
            code="NO_LINK"
            retryable={false}
            drawer={null}
            session={null}
            aboutMeUrl={null}
            onAgain={() => undefined}
          />
        ) : (
          <AboutMePage port={port} />
        )}
      </WordsOf>
    </StrictMode>,
  )
show(false)
isDemo(location.origin).then(show, () => undefined)

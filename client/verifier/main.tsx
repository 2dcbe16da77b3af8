import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { chooseLanguage } from '../web/language/languages.ts'
import { givenTrust } from './given-trust.ts'
import { Verifier } from './verifier.tsx'
import '../web/styles/tokens.css'
import '../web/styles/ground.css'
import '../web/styles/controls.css'
import '../web/styles/side.css'
import '../web/styles/pages.css'
import '../web/styles/receipt.css'
import './verifier.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Verifier
      given={givenTrust(document)}
      isServed={location.protocol.startsWith('http')}
      initial={chooseLanguage(null, navigator.languages)}
    />
  </StrictMode>,
)

import { useState } from 'preact/hooks'
import type { Failure, Session } from '../api'
import { post } from '../api'
import { Failed, Icon } from '../ui'

const Frame = ({ title, children }: { title: string; children: preact.ComponentChildren }) => <main class="door">
  <div class="card door-card"><div class="brand"><span class="logo"><Icon name="relay" size={20} /></span><span class="brand-text"><b>DeviceMqtt</b><small>{location.host}</small></span></div>
    <h1>{title}</h1>{children}</div></main>

function Plain({ seen }: { seen: Session }) {
  return seen.secure ? null : <p class="notice warn small"><Icon name="warn" /><span>This page came without TLS: your password crosses this network readable. Use it only where you trust the network. <code>devicemqtt cert init</code> makes a certificate.</span></p>
}

export function Login({ seen, isIn, inside }: { seen: Session; isIn: (s: Session) => void; inside?: boolean }) {
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (e: SubmitEvent) => {
    e.preventDefault()
    const form = new FormData(e.target as HTMLFormElement)
    setBusy(true); setFailure(null)
    try { isIn(await post<Session>('/session', { name: form.get('name'), password: form.get('password') })) } catch (x) { setFailure(x as Failure) }
    setBusy(false)
  }
  const form = <form onSubmit={send} class="stack">
    <label>Name<input name="name" autocomplete="username" required maxLength={128} autofocus /></label>
    <label>Password<input name="password" type="password" autocomplete="current-password" required maxLength={128} /></label>
    {failure && <Failed failure={failure} />}<Plain seen={seen} />
    <button class="button primary" disabled={busy}>{busy ? 'Checking…' : 'Log in'}</button></form>
  return inside ? form : <Frame title="Log in">{form}</Frame>
}

export function Welcome({ seen, isIn }: { seen: Session; isIn: (s: Session) => void }) {
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (e: SubmitEvent) => {
    e.preventDefault()
    const form = new FormData(e.target as HTMLFormElement)
    if (form.get('password') !== form.get('again')) { setFailure({ title: 'Two different passwords.', detail: 'Type the same one twice.' } as Failure); return }
    setBusy(true); setFailure(null)
    try { isIn(await post<Session>('/session/welcome', { code: form.get('code'), name: form.get('name'), password: form.get('password') })) } catch (x) { setFailure(x as Failure) }
    setBusy(false)
  }
  return <Frame title="Welcome">
    <p>This gateway has no operator yet, and nothing is open before it has one. Show that you are at the machine: the code stands in the gateway's log, or run</p>
    <pre class="code">devicemqtt user code</pre>
    <form onSubmit={send} class="stack">
      <label>Code<input name="code" class="mono wide-letters" autocomplete="one-time-code" placeholder="ABCD-EFGH" required maxLength={12} autofocus autocapitalize="characters" spellcheck={false} /></label>
      <label>Your name<input name="name" autocomplete="username" required maxLength={64} /></label>
      <label>A password, 10 characters or more<input name="password" type="password" autocomplete="new-password" required minLength={10} maxLength={128} /></label>
      <label>The same again<input name="again" type="password" autocomplete="new-password" required maxLength={128} /></label>
      <p class="muted small">You are the gateway's first user. From then on MQTT clients on this machine need a user name and password too: add them under Users.</p>
      {!seen.kept && <p class="notice warn small"><Icon name="warn" /><span>This gateway keeps nothing (Data is none): the operator is gone when it stops.</span></p>}
      {failure && <Failed failure={failure} />}<Plain seen={seen} />
      <button class="button primary" disabled={busy}>{busy ? 'A moment…' : 'Begin'}</button></form></Frame>
}

import type { ComponentType } from 'preact'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { Session } from './api'
import { call, Failure, getSession, loggedOut } from './api'
import { clock, offsetText, span } from './format'
import { clockAhead, live, now, start, stop, tick, tryNow, useStore } from './live'
import { Boundary } from './boundary'
import { Login, Welcome } from './pages/login'
import { Devices } from './pages/devices'
import { go, place } from './route'
import { Button, Dialog, Failed, Icon, Link, Loading, usePhone } from './ui'

export const session: { value: Session | null } = { value: null }
export const isOperator = () => session.value?.role === 'operator'

// Each page but the first comes when it is wanted.
const LATER: Record<string, () => Promise<ComponentType<any>>> = {
  device: () => import('./pages/device').then((m) => m.DevicePage),
  add: () => import('./pages/add').then((m) => m.Add),
  messages: () => import('./pages/messages').then((m) => m.Messages),
  relay: () => import('./pages/relay').then((m) => m.Relay),
  health: () => import('./pages/health').then((m) => m.HealthPage),
  users: () => import('./pages/users').then((m) => m.UsersPage),
  settings: () => import('./pages/settings').then((m) => m.SettingsPage),
}
const loaded = new Map<string, ComponentType<any>>()
function Later({ name, ...props }: { name: string } & Record<string, unknown>) {
  const [, redraw] = useState(0)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    if (loaded.has(name)) return
    let gone = false
    LATER[name]().then((c) => { loaded.set(name, c); if (!gone) redraw((n) => n + 1) }, () => setFailed(true))
    return () => { gone = true }
  }, [name])
  const Page = loaded.get(name)
  if (Page) return <Page {...props} />
  return failed ? <Failed failure={new Failure(0, 'This page did not come.', 'The gateway does not answer, or has another version now.', 'Load the page anew.')} retry={() => location.reload()} /> : <Loading what="the page" />
}

function Router() {
  const { path, query } = useStore(place)
  const [first, second, third] = path
  useEffect(() => { if (first === undefined) go('/devices', true) }, [first])
  useEffect(() => { document.title = `${[second ?? '', first ? first.charAt(0).toUpperCase() + first.slice(1) : ''].filter(Boolean).join(' · ')} – DeviceMqtt` }, [first, second])
  if (first === undefined) return null
  if (first === 'devices') return second === undefined ? <Devices /> : <Later name="device" key={`${query.get('prefix') ?? ''}/${second}`} name_={second} tab={third ?? ''} />
  if (first === 'messages') return <Later name="messages" tab={second ?? ''} />
  if (first === 'health') return <Later name="health" tab={second ?? ''} />
  if (first in LATER) return <Later name={first} arg={second} />
  return <div class="empty"><h2>There is no such page</h2><div class="empty-text"><Link to="/devices" class="button">To the devices</Link></div></div>
}

/** A page that fails does not take the others with it. */
function Pages() {
  const { path } = useStore(place)
  return <Boundary at={path.join('/')}><Router /></Boundary>
}

const NAV: [string, string][] = [['devices', 'Devices'], ['messages', 'Messages'], ['relay', 'Relay'], ['health', 'Health'], ['users', 'Users']]
function Rail() {
  const { path } = useStore(place)
  const t = useStore(tick)
  const phone = usePhone()
  const [more, setMore] = useState(false)
  const here = path[0] === 'add' ? 'devices' : path[0]
  const badge = (id: string) => id === 'relay' ? t?.upstreamsDown ?? 0 : id === 'health' ? t?.notes ?? 0 : 0
  return <><aside class="rail">
    <Link to="/devices" class="brand"><span class="logo"><Icon name="relay" size={20} /></span><span class="brand-text"><b>DeviceMqtt</b><small>{session.value?.host}</small></span></Link>
    <nav aria-label="Pages">{NAV.filter(([id]) => id !== 'users' || isOperator()).map(([id, label]) => <Link key={id} to={'/' + id} aria-current={here === id ? 'page' : undefined} title={label}>
      <Icon name={id} /><span class="label">{label}</span>{badge(id) > 0 && <span class="badge" aria-label={`${badge(id)} to look at`}>{badge(id)}</span>}</Link>)}
      {phone && <button type="button" onClick={() => setMore(true)}><Icon name="more" /><span class="label">More</span></button>}</nav>
    <div class="rail-foot"><LiveSign /><Menu /></div>
  </aside>
    {more && <Dialog title={session.value?.user ?? ''} close={() => setMore(false)}><LiveSign /><Menu words close={() => setMore(false)} /></Dialog>}</>
}
function LiveSign() {
  const n = useStore(now)
  const l = useStore(live)
  const ahead = Math.abs(clockAhead) > 60_000 && !l.stale
  return <div class="live-sign"><div class={l.sign === 'live' ? 'is-online' : l.sign === 'gone' ? 'is-offline' : 'muted'}><span class="dot" /> <b>{l.sign === 'live' ? 'Live' : l.sign === 'gone' ? 'Not live' : 'Looking…'}</b></div>
    <small>{l.stale ? `as of ${clock(l.asOf)}` : clock(n)} · {offsetText(n)}</small>{ahead && <small>Your clock is {span(Math.abs(clockAhead))} {clockAhead > 0 ? 'ahead' : 'behind'}.</small>}</div>
}
function Menu({ words, close }: { words?: boolean; close?: () => void }) {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? 'auto')
  const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  const set = (t: string) => { document.documentElement.dataset.theme = t; localStorage.setItem('theme', t); setTheme(t); dispatchEvent(new Event('themed')) }
  const button = (icon: string, label: string, word: string, act: () => void) => <Button kind={words ? undefined : 'quiet'} icon={icon} label={label} onClick={act}>{words && word}</Button>
  return <div class={words ? 'stack' : 'rail-buttons'}>
    {button(dark ? 'sun' : 'moon', dark ? 'Light colours' : 'Dark colours', dark ? 'Light colours' : 'Dark colours', () => set(dark ? 'light' : 'dark'))}
    {button('settings', 'Settings in force', 'Settings', () => { close?.(); go('/settings') })}
    {button('out', `Log out ${session.value?.user}`, 'Log out', async () => { stop(); await call('DELETE', '/session').catch(() => { }); location.href = '/' })}
  </div>
}
function StaleBar() {
  const l = useStore(live)
  useEffect(() => { document.documentElement.classList.toggle('stale', l.stale) }, [l.stale])
  if (l.sign !== 'gone') return null
  return <div class="stale-bar" role="alert"><Icon name="warn" /><span class="grow"><b>Not live.</b> {l.silentSeconds > 0 ? `No word from the gateway for ${span(l.silentSeconds * 1000)}.` : 'The gateway does not answer what this page asks.'}{l.asOf > 0 && <> You see how it was at <b>{clock(l.asOf)}</b>.</>}</span><Button onClick={tryNow}>Try now</Button></div>
}

const KEYS: [string, string][] = [['/', 'find'], ['g d', 'Devices'], ['g m', 'Messages'], ['g r', 'Relay'], ['g h', 'Health'], ['g u', 'Users'], ['j k', 'next, previous row'], ['Enter', 'open the row'], ['c', 'command'], ['?', 'these keys'], ['Esc', 'close']]
function Keys() {
  const [help, setHelp] = useState(false)
  useLayoutEffect(() => {
    let afterG = -Infinity // not 0: the clock of a page begins with it
    const on = (e: KeyboardEvent) => {
      const el = e.target as HTMLElement
      if (e.ctrlKey || e.metaKey || e.altKey || el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName)) { if (e.key === 'Escape') el.blur(); return }
      if (localStorage.getItem('keys') === 'off') return
      if (performance.now() - afterG < 1000) {
        afterG = -Infinity
        const to = { d: '/devices', m: '/messages', r: '/relay', h: '/health', u: '/users' }[e.key]
        if (to) { e.preventDefault(); go(to) }
        return
      }
      if (e.key === 'g') afterG = performance.now()
      else if (e.key === '/') { const f = document.querySelector<HTMLInputElement>('input[type=search]'); if (f) { e.preventDefault(); f.focus() } }
      else if (e.key === '?') setHelp(true)
    }
    addEventListener('keydown', on)
    return () => removeEventListener('keydown', on)
  }, [])
  return help ? <Dialog title="Keys" close={() => setHelp(false)}><dl class="keys">{KEYS.map(([k, w]) => <div key={k}><dt>{k.split(' ').map((x) => <kbd key={x}>{x}</kbd>)}</dt><dd>{w}</dd></div>)}</dl></Dialog> : null
}

export function App() {
  const [seen, setSeen] = useState<Session | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [again, setAgain] = useState(false)
  const load = () => { setFailure(null); getSession().then((s) => { session.value = s; setSeen(s); if (s.state === 'in') start() }, (e) => setFailure(e as Failure)) }
  useEffect(() => { loggedOut.tell = () => setAgain(true); load() }, [])
  if (failure) return <main class="alone"><Failed failure={failure} retry={load} /></main>
  if (!seen) return <main class="alone"><Loading what="the gateway" lines={3} /></main>
  const isIn = (s: Session) => { session.value = s; setSeen(s); setAgain(false); start() }
  if (seen.state === 'welcome') return <Welcome seen={seen} isIn={isIn} />
  if (seen.state === 'login') return <Login seen={seen} isIn={isIn} />
  return <div class="shell"><a class="skip" href="#page">To the page</a><Rail /><div class="body"><StaleBar /><main id="page" tabIndex={-1}><Pages /></main></div><Keys />
    {again && <Dialog title="Log in again" close={() => setAgain(false)}><Login seen={seen} isIn={isIn} inside /></Dialog>}</div>
}

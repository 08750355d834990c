import { useState } from 'preact/hooks'
import type { Aside, Failure, Upstream } from '../api'
import { call, enc, get, post } from '../api'
import { isOperator } from '../app'
import { bytes, clock, count, safe, safeLine, span, when } from '../format'
import { live, now, useStore } from '../live'
import { useLook, usePoll } from '../poll'
import { Button, Dialog, Empty, Failed, Glyph, Icon, Loading, Meter } from '../ui'

export function Relay() {
  const { data, failure, load } = usePoll<{ now: number; upstreams: Upstream[] }>('/relay', 2000)
  const [looking, setLooking] = useState<string | null>(null)
  return <div class="page"><header class="head"><h1>Relay</h1></header>
    {failure && <Failed failure={failure} retry={load} />}
    {!data ? !failure && <Loading what="the upstreams" lines={3} />
      : data.upstreams.length === 0 ? <Empty icon="relay" title="No upstream: messages stay here"><p>With an upstream the gateway passes messages on to a broker elsewhere, and keeps them while that is away. Say which, and start the gateway anew. On the command line:</p><pre class="code">devicemqtt --upstream mqtts://user:password@broker.example.org</pre><p>In the file of its settings it is <code>Upstream</code>.</p></Empty>
        : data.upstreams.map((u) => <One key={u.name} u={u} look={() => setLooking(u.name)} load={load} />)}
    {looking && <AsideList name={looking} close={() => { setLooking(null); load() }} />}</div>
}
function One({ u, look, load }: { u: Upstream; look: () => void; load: () => void }) {
  const n = useStore(now), l = useStore(live)
  const h = u.history
  const last = h[h.length - 1], before = [...h].reverse().find((x) => last && last[0] - x[0] >= 55_000) ?? h[0]
  const rate = last && before && last[0] > before[0] ? (last[2] - before[2]) / ((last[0] - before[0]) / 1000) : 0
  const growth = last && before && last[0] > before[0] ? (last[1] - before[1]) / ((last[0] - before[0]) / 1000) : 0
  const isUp = u.state === 'connected'
  const room = growth > 0.01 ? (u.waitingMax - u.waiting) / growth * 1000 : 0
  return <section class="card pad upstream"><header class="card-head"><h2><bdi>{safeLine(u.name, 60)}</bdi></h2><span class={`state ${isUp ? 'is-online' : 'is-offline'}`}><Glyph state={isUp ? 'online' : 'offline'} />{isUp ? 'Connected' : 'Away'}{!l.stale && ` for ${span(n - u.since)}`}</span><code class="muted cut">{safeLine(u.address, 120)}</code>{isUp && <small>MQTT {u.version}</small>}</header>
    {u.error && <div class="notice bad"><Icon name="warn" /><div><b>Down: {u.error}.</b> {safeLine(u.detail ?? '', 200)}<div class="todo">{u.do}</div><div class="muted small">Nothing is lost meanwhile, up to the bound.</div></div></div>}
    {!isUp && <Tries u={u} load={load} />}
    <dl class="facts"><div><dt>Waiting</dt><dd>{count(u.waiting)} <small>{bytes(u.bytes)}</small></dd></div><div><dt>Oldest</dt><dd>{u.waiting === 0 ? '–' : span(u.oldestMs)}</dd></div><div><dt>Out</dt><dd>{rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s <small>{count(u.sent)} since the start</small></dd></div><div><dt>In</dt><dd>{count(u.received)} <small>since the start</small></dd></div>
      <div><dt>Room left</dt><dd>{room > 0 ? span(room) : count(u.waitingMax - u.waiting)} <small>{room > 0 ? 'at this rate' : 'messages'}</small></dd></div><div><dt>Set aside</dt><dd>{count(u.aside)} {u.aside > 0 && <Button onClick={look}>Look</Button>}</dd></div></dl>
    <Meter used={u.waiting} max={u.waitingMax} /><Backlog history={h} at={n} /></section>
}
/** When it is tried next, and a button for those who have mended what was wrong and do not want to wait. */
function Tries({ u, load }: { u: Upstream; load: () => void }) {
  const n = useStore(now), { stale, sign } = useStore(live)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [asked, setAsked] = useState(0)
  const isTried = u.nextTry === undefined || asked === u.nextTry
  const tryNow = async () => { try { await post(`/relay/${enc(u.name)}/try`); setAsked(u.nextTry ?? 0); setFailure(null); load() } catch (x) { setFailure(x as Failure) } }
  return <>{failure && <Failed failure={failure} />}<div class="row wrap">{isTried ? <span class="row"><span class="spinner" />It is being tried now…</span> : <span>{stale ? `Next try at ${clock(u.nextTry!)}` : `Next try in ${span(u.nextTry! - n)}`}</span>}
    <Button disabled={isTried || sign !== 'live' || !isOperator()} title={isOperator() ? undefined : 'Needs role operator'} onClick={tryNow}>Try now</Button><span class="offscreen" role="status">{asked > 0 ? isTried ? 'It is being tried now' : 'The try has failed' : ''}</span></div></>
}
/** The backlog of the last hour; where the upstream was away the ground is hatched. */
function Backlog({ history, at }: { history: Upstream['history']; at: number }) {
  const W = 1000, H = 120
  if (history.length < 2) return <p class="muted small">The backlog over time appears here after some seconds.</p>
  const from = Math.min(history[0][0], at - 300_000), to = Math.max(at, history[history.length - 1][0])
  const max = Math.max(10, ...history.map((x) => x[1]))
  const x = (t: number) => (t - from) / (to - from) * W, y = (v: number) => H - v / max * (H - 8)
  const line = history.map((p) => `${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`).join(' ')
  const away: [number, number][] = []
  for (let i = 0; i < history.length; i++) if (history[i][3] === 0) away.push([x(history[i][0]), x(history[i + 1]?.[0] ?? to)])
  return <figure class="backlog"><figcaption><span>Backlog, at most {count(max)}</span><span>{clock(from, false)} – {clock(to, false)}</span></figcaption><svg viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" role="img" aria-label={`Backlog over time, now ${history[history.length - 1][1]}`}>
    <defs><pattern id="away" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="2" height="9" class="away" /></pattern></defs>
    {away.map(([a, b], i) => <rect key={i} x={a} width={Math.max(1, b - a)} height={H} fill="url(#away)" class="faint" />)}<polygon points={`${x(history[0][0])},${H} ${line} ${x(history[history.length - 1][0])},${H}`} class="area" /><polyline points={line} class="line" vector-effect="non-scaling-stroke" /></svg></figure>
}
function AsideList({ name, close }: { name: string; close: () => void }) {
  const [items, setItems] = useState<Aside[] | null>(null)
  const [wrong, setWrong] = useState<Failure | null>(null)
  const n = useStore(now)
  const { failure: unanswered, look: load } = useLook(() => get<Aside[]>(`/relay/${enc(name)}/aside`), setItems, [name])
  const failure = unanswered ?? wrong
  const act = (what: Promise<unknown>) => what.then(() => { setWrong(null); return load() }, (x) => setWrong(x as Failure))
  return <Dialog title={`Set aside for ${safeLine(name, 40)}`} close={close}><p class="muted">The upstream does not take these messages; all others went on.</p>{failure && <Failed failure={failure} />}
    {items === null ? <Loading what="the messages" lines={2} /> : items.length === 0 ? <p>Nothing is set aside any more.</p> : <ul class="lines tall">{items.map((a) => <li key={a.number}><div class="grow"><code class="break">{safeLine(a.message.topic, 300)}</code><div class="muted small">{a.reason} · {bytes(a.message.bytes)} · {when(a.message.time, n, true)}</div>{a.message.text !== undefined && <pre class="code small-box">{safe(a.message.text, 500)}</pre>}</div>
      <Button disabled={!isOperator()} onClick={() => act(post(`/relay/${enc(name)}/aside/${a.number}/retry`))}>Retry</Button><Button kind="danger" disabled={!isOperator()} onClick={() => act(call('DELETE', `/relay/${enc(name)}/aside/${a.number}`))}>Drop</Button></li>)}</ul>}</Dialog>
}

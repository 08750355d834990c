import { useRef, useState } from 'preact/hooks'
import type { Client, Failure, Health, LogLine } from '../api'
import { call, enc, get } from '../api'
import { isOperator } from '../app'
import { bytes, clock, count, iso, safeLine, span, when, words } from '../format'
import { live, now, useStore } from '../live'
import { useEvery, useLook, usePoll } from '../poll'
import { place, setQuery } from '../route'
import { Age, Button, Dialog, Empty, Failed, Glyph, Icon, Loading, Meter, NoteCard, notHushed, Tabs } from '../ui'

const DROPS = words<string>({ SlowSubscriber: 'subscriber too slow (QoS 0)', SessionQueueFull: 'queue of a client full', AllQueuesFull: 'all queues full', LargerThanClientAccepts: 'larger than the client takes', LargerThanUpstreamAccepts: 'larger than the upstream takes', LargerThanGatewayAccepts: 'larger than this gateway takes', LargerThanJournal: 'larger than the journal has room for', SessionEnded: 'session ended', RetainedFull: 'no room to retain', P2PTargetAbsent: 'device absent (QoS 0)', P2PTargetUnknown: 'unknown target', MailboxFull: 'mailbox full', ReservedTopic: 'reserved topic', RelayFull: 'relay full', UpstreamAway: 'upstream away (QoS 0)', NotAskedFor: 'not asked for', NotDurable: 'in memory alone, lost with a restart', JournalFull: 'journal full', Damaged: 'damaged on disk', UpstreamRefused: 'upstream refused', TopicNotForUpstream: 'topic that the upstream cannot take', CameBack: 'came back', P2PNotAllowed: 'not allowed to command', SenderForged: 'command in the name of another client', NotAllowed: 'not allowed to publish', AsideFull: 'set-aside full', DroppedByOperator: 'dropped by an operator', ClientRefused: 'client refused', UserGone: 'its user is removed', Restored: 'command of a restored backup', Expired: 'expired', DeviceElsewhere: 'presence of a device that is elsewhere', GatewayFault: 'fault of the gateway (see the log)' })
const CLASSES = words<string>({ relay: 'For upstreams', session: 'For clients that were away', mailbox: 'For devices (commands)', volatile: 'In memory alone (not durable)' })

export function HealthPage({ tab }: { tab: string }) {
  const poll = usePoll<Health>('/health', 2000)
  const notes = poll.data ? notHushed(poll.data.notes) : []
  return <div class="page"><header class="head"><h1>Health</h1></header><Tabs base="/health" at={tab} tabs={[['', 'Overview'], ['clients', 'Clients'], ['log', 'Log']]} />
    {tab === 'clients' ? <Clients /> : tab === 'log' ? <Log />
      : poll.failure && !poll.data ? <Failed failure={poll.failure} retry={poll.load} /> : !poll.data ? <Loading what="the figures" /> : <Overview h={poll.data} notes={notes} redraw={poll.load} />}</div>
}
function Overview({ h, notes, redraw }: { h: Health; notes: Health['notes']; redraw: () => void }) {
  const n = useStore(now)
  const drops = Object.entries(h.drops).filter(([, v]) => v > 0)
  return <>
    <section aria-label="What is not well">{notes.length === 0 ? <div class="notice ok"><Icon name="check" /><div><b>Nothing to report.</b> {h.checks} checks, <Age t={h.now} />.{h.notes.length > 0 && ` ${h.notes.length} hushed.`}</div></div> : notes.map((x) => <NoteCard key={x.id} note={x} redraw={redraw} />)}</section>
    <div class="columns even"><section class="card pad"><header class="card-head"><h2>The ledger</h2><small>of all that had to be kept</small></header>
      {h.ledger.length === 0 ? <p class="muted">This gateway keeps nothing on disk (Data is none): there is no account.</p> : h.ledger.map((a) => <div key={a.class} class="account"><div class="account-head"><b>{CLASSES[a.class] ?? a.class}</b><span class={`state ${a.balanced ? 'is-online' : 'is-offline'}`}><Icon name={a.balanced ? 'check' : 'cross'} size={15} />{a.balanced ? 'balances' : 'does not balance'}</span></div>
        <p class="sum">{([['', a.accepted, 'accepted'], ['=', a.delivered, 'delivered'], ['+', a.pending, 'waiting'], ['+', a.expired, 'expired'], ['+', a.dropped, 'dropped']] as [string, number, string][]).map(([sign, n, word]) => <span key={word} class="nowrap">{sign && <i>{sign}</i>} <b>{count(n)}</b> {word}</span>)}</p>
        {Object.keys(a.reasons).length > 0 && <p class="muted small">Dropped: {Object.entries(a.reasons).map(([r, v]) => `${DROPS[r] ?? r} ${count(v)}`).join(', ')}</p>}</div>)}
      {drops.length > 0 && <><h3>Dropped since the start</h3><ul class="lines">{drops.map(([r, v]) => <li key={r}><span class="grow">{DROPS[r] ?? r}</span><b>{count(v)}</b></li>)}</ul></>}</section>
      <section class="card pad"><h2>Room</h2><ul class="bounds">{h.bounds.map((b) => <li key={b.words}><div class="bound-head"><span>{safeLine(b.words, 60)}</span><span><b>{b.unit === 'B' ? bytes(b.used) : count(b.used)}</b> <small>of {b.unit === 'B' ? bytes(b.max) : count(b.max)}</small></span></div><Meter used={b.used} max={b.max} /><small class="muted">{b.name}</small></li>)}</ul></section></div>
    <dl class="facts card"><div><dt>Running</dt><dd>{span(n - h.started)} <small>version {h.version}</small></dd></div><div><dt>Memory</dt><dd>{bytes(h.memoryBytes)}</dd></div><div><dt>Load</dt><dd>{h.loadPercent} % <small>of one core</small></dd></div>
      {h.journal ? <><div><dt>Commit</dt><dd>{h.journal.syncMs} ms <small>{count(h.journal.frames)} so far</small></dd></div><div><dt>Card wear</dt><dd>{h.journal.writtenPerDay > 0 ? <>{bytes(h.journal.writtenPerDay)} a day <small>a card of 32 GB bears {h.journal.cardYears >= 100 ? 'more than 100' : h.journal.cardYears} years</small></> : 'too early to say'}</dd></div><div><dt>Disk free</dt><dd>{bytes(h.journal.diskFree)} <small>{h.journal.daysLeft === undefined ? h.now - h.started > 4_200_000 && 'the journal does not fill' : h.journal.daysLeft < 2 ? `full in ${Math.round(h.journal.daysLeft * 24)} h at the rate of the last day` : `full in ${Math.floor(h.journal.daysLeft)} days at the rate of the last day`}</small></dd></div></> : <div><dt>Journal</dt><dd>none</dd></div>}</dl></>
}

function Clients() {
  const { query } = useStore(place)
  const q = query.get('q') ?? ''
  const sort = query.get('sort') ?? ''
  const { data, failure, load } = usePoll<{ total: number; matched: number; items: Client[] }>(`/clients?q=${enc(q)}&sort=${sort}&limit=200`, 3000)
  const [ending, setEnding] = useState<Client | null>(null)
  const [wrong, setWrong] = useState<Failure | null>(null)
  const n = useStore(now), stale = useStore(live).stale
  return <><div class="row watch-tools"><label class="search grow"><Icon name="search" size={16} /><input type="search" value={q} placeholder="Client Identifier or address" aria-label="Find a client" onInput={(e) => setQuery({ q: (e.target as HTMLInputElement).value })} /></label><Button aria-pressed={sort === 'waiting'} onClick={() => setQuery({ sort: sort === 'waiting' ? undefined : 'waiting' })}>Most waiting first</Button></div>
    {failure && <Failed failure={failure} retry={load} />}
    {!data ? <Loading what="the clients" /> : data.items.length === 0 ? <Empty icon="users" title={q ? `No client matches ${safeLine(q, 40)}` : 'Nobody is connected'}><p>Every MQTT client that is connected, or that has a session while it is away, stands here.</p></Empty>
      : <section class="card pad"><div class="scroll"><table class="clients"><thead><tr><th>State</th><th>Client</th><th>Since</th><th>Address</th><th>Role</th><th class="right">Filters</th><th class="right">In flight</th><th class="right">Waiting</th><th /></tr></thead><tbody>{data.items.map((c) => <tr key={c.clientId}>
        <td><span class={`state ${c.connected ? 'is-online' : 'is-offline'}`}><Glyph state={c.connected ? 'online' : 'offline'} /><span class="word">{c.connected ? 'Here' : 'Away'}</span></span></td><td><b class="break"><bdi>{safeLine(c.clientId, 80).split(/(?<=@)(?!@)/).flatMap((part, i) => i === 0 ? [part] : [<wbr key={i} />, part])}</bdi></b><small>{c.version?.replace('V311', 'MQTT 3.1.1').replace('V31', 'MQTT 3.1').replace('V5', 'MQTT 5.0') ?? ''}{c.keepAlive > 0 && `, Keep Alive ${c.keepAlive} s`}{c.durable ? ', kept' : ''}</small></td>
        <td>{c.since > 0 ? stale ? when(c.since, n) : span(n - c.since) : '–'}</td><td>{c.address}</td><td>{c.role ?? '–'}</td><td class="right">{c.subscriptions}</td><td class="right">{c.inFlight}</td><td class="right">{count(c.waiting)}{c.waiting > 0 && <small> {bytes(c.waitingBytes)}</small>}</td><td class="right"><Button icon="cross" kind="quiet" label={isOperator() ? `End the session of ${safeLine(c.clientId, 40)}` : 'Needs role operator'} disabled={!isOperator()} onClick={() => setEnding(c)} /></td></tr>)}</tbody></table></div><p class="muted small">{data.items.length} of {count(data.matched)}</p></section>}
    {ending && <Dialog title="End this session?" close={() => setEnding(null)}><p><b>{safeLine(ending.clientId, 80)}</b> is disconnected{ending.waiting > 0 ? `, and ${count(ending.waiting)} messages that wait for it are dropped and counted` : ''}. It may connect again.</p>{wrong && <Failed failure={wrong} />}<div class="row end"><Button onClick={() => setEnding(null)}>Leave it</Button><Button kind="danger" onClick={() => call('DELETE', `/clients?id=${enc(ending.clientId)}`).then(() => { setEnding(null); setWrong(null); load() }, (x) => setWrong(x as Failure))}>End it</Button></div></Dialog>}</>
}

const LEVELS = ['debug', 'information', 'warning', 'error']
function Log() {
  const [lines, setLines] = useState<LogLine[]>([])
  const [level, setLevel] = useState('information')
  const [paused, setPaused] = useState(false)
  const last = useRef(0)
  const n = useStore(now)
  type Found = { last: number; lines: LogLine[] }
  // A gateway that has started anew counts from one: what it has is asked for whole, and stands behind what is older.
  const { failure } = useLook<Found | null>(async () => paused ? null : get<Found>('/log'), (r) => {
    if (r === null) return
    last.current = r.last
    setLines((before) => [...before.filter((l) => l.time < (r.lines[0]?.time ?? Infinity)), ...r.lines].slice(-1000))
  }, [paused])
  useEvery(2000, async () => {
    if (paused) return
    const r = await get<Found>(`/log?since=${last.current}`).catch(() => null) // the next look, or the sign, says so
    if (r === null || r.lines.length === 0 || r.lines[0].number <= last.current) return
    last.current = r.last
    setLines((before) => [...before, ...r.lines].slice(-1000))
  }, [paused])
  const shown = lines.filter((l) => LEVELS.indexOf(l.level) >= LEVELS.indexOf(level) || l.level === 'critical').reverse()
  const download = () => { const a = document.createElement('a'); a.href = URL.createObjectURL(new Blob([lines.map((l) => `${iso(l.time) ?? ''} ${l.level} ${l.area}: ${l.text}`).join('\n') + '\n'], { type: 'text/plain' })); a.download = 'devicemqtt.log'; a.click(); URL.revokeObjectURL(a.href) }
  return <><div class="row watch-tools"><span class="segments" role="group" aria-label="From which level on">{LEVELS.map((x) => <button key={x} aria-pressed={level === x} onClick={() => setLevel(x)}>{x === 'information' ? 'Info' : x.charAt(0).toUpperCase() + x.slice(1)}</button>)}</span><span class="grow" /><Button aria-pressed={paused} onClick={() => setPaused(!paused)}>{paused ? 'Go on' : 'Pause'}</Button><Button onClick={download}>Download</Button></div>
    {failure && <Failed failure={failure} />}
    {shown.length === 0 ? <Empty icon="clock" title="No line of this level"><p>The last 500 lines of the log are kept for this page. Clients that come and go have lines at Debug, when Log:Level is Debug.</p></Empty> : <section class="card pad"><ul class="log">{shown.map((l) => <li key={`${l.number} ${l.time}`} class={'l-' + l.level}><small title={when(l.time, n, true)}>{clock(l.time)}</small><span class="log-level">{l.level === 'information' ? 'info' : l.level}</span><span class="muted">{safeLine(l.area, 30)}</span><span class="break">{safeLine(l.text, 1000)}</span></li>)}</ul></section>}</>
}

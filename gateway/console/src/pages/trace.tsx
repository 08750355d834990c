import { useEffect, useRef, useState } from 'preact/hooks'
import type { Failure, Trace as Found, TracedMessage } from '../api'
import { call, enc, get, post } from '../api'
import { isOperator } from '../app'
import { bytes, clock, count, safeLine, when, words } from '../format'
import { useStore } from '../live'
import { useEvery, useLook } from '../poll'
import { place, setQuery } from '../route'
import { Button, Empty, Failed, Icon, Loading } from '../ui'

const WORDS = words<string>({ waiting: 'Waits', sent: 'Sent, not acknowledged', delivered: 'Delivered', partly: 'Lost for some', nobody: 'For nobody', expired: 'Expired', dropped: 'Dropped', absent: 'Was not there' })
const KIND = words<string>({ waiting: 'warn', sent: 'warn', delivered: 'ok', partly: 'bad', expired: 'bad', dropped: 'bad', nobody: 'muted', absent: 'muted' })
const ICON = words<string>({ waiting: 'clock', sent: 'send', delivered: 'check', partly: 'warn', expired: 'cross', dropped: 'cross', nobody: 'info', absent: 'info' })
const MINUTES = [5, 60, 24 * 60, 7 * 24 * 60]
const minutesText = (m: number) => m < 60 ? `${m} min` : m < 1440 ? `${m / 60} h` : `${m / 1440} d`

const At = ({ state }: { state: string }) => <span class={`way-state ${KIND[state] ?? 'muted'}`}><Icon name={ICON[state] ?? 'info'} size={14} />{WORDS[state] ?? state}</span>

/** Where is my message: by client, filter or command, with each step. */
export function Trace() {
  const { query } = useStore(place)
  const by = query.get('client') !== null ? 'client' : query.get('command') !== null ? 'command' : 'filter'
  const asked = query.get(by) ?? ''
  const minutes = Number(query.get('minutes')) || 60
  const [kind, setKind] = useState(by), [text, setText] = useState(asked)
  const [found, setFound] = useState<Found | null>(null)
  const [wrong, setWrong] = useState<Failure | null>(null)
  const [chosen, setChosen] = useState<TracedMessage | null>(null)
  useEffect(() => { setKind(by); setText(asked); setFound(null); setChosen(null); setWrong(null) }, [by, asked, minutes])
  const { failure: unanswered, look: load } = useLook(() => get<Found>(`/trace?${asked ? `${by}=${enc(asked)}&` : ''}minutes=${minutes}&limit=100`), (r) => {
    setFound(r)
    setChosen((c) => c && (r.messages.find((m) => m.time === c.time && m.topic === c.topic && m.from === c.from) ?? c))
  }, [by, asked, minutes])
  useEvery(3000, load, [by, asked, minutes])
  const failure = unanswered ?? wrong
  const find = (e?: Event) => { e?.preventDefault(); setQuery({ client: undefined, command: undefined, filter: undefined, [kind]: text.trim() || undefined }) }
  const keep = async () => { try { await post('/trace/rules', by === 'client' ? { client: asked, minutes: 1440 } : { filter: asked, minutes: 1440 }); setWrong(null); await load() } catch (x) { setWrong(x as Failure) } }
  const end = async (rule: string) => { try { await call('DELETE', `/trace/rules?text=${enc(rule)}`); setWrong(null); await load() } catch (x) { setWrong(x as Failure) } }
  const field = useRef<HTMLInputElement>(null)
  const isKept = found?.rules.some((r) => r.text === asked)
  const keepButton = asked !== '' && by !== 'command' && found !== null && !isKept && <Button icon="clock" disabled={!isOperator()} title={isOperator() ? 'Keep these messages for longer than all others, for a day' : 'Needs role operator'} onClick={keep}>Keep for a day</Button>
  return <><form class="row watch-tools wrap" onSubmit={find}>
    <span class="segments" role="group" aria-label="Find by">{(['filter', 'client', 'command'] as const).map((k) => <button key={k} type="button" aria-pressed={kind === k} onClick={() => setKind(k)}>{{ filter: 'Topic', client: 'Client', command: 'Command' }[k]}</button>)}</span>
    <label class="search grow"><Icon name="search" size={16} /><input ref={field} value={text} aria-label={{ filter: 'Topic Filter', client: 'Client Identifier', command: 'Id of the command' }[kind]} placeholder={{ filter: 'dm/kitchen/#', client: 'kitchen', command: 'k7f3' }[kind]} spellcheck={false} maxLength={1000} onInput={(e) => setText((e.target as HTMLInputElement).value)} /></label>
    <select aria-label="Not older than" value={String(minutes)} onChange={(e) => setQuery({ minutes: (e.target as HTMLSelectElement).value })}>{MINUTES.map((m) => <option key={m} value={String(m)}>{minutesText(m)}</option>)}</select>
    <Button onClick={() => find()}>Find</Button>
    {found !== null && found.messages.length > 0 && keepButton}</form>
    {found && found.rules.length > 0 && <p class="row wrap rules">{found.rules.map((r) => <span key={r.text} class="chip-text">Kept until {when(r.ends, found.now)}: <code>{safeLine(r.text, 60)}</code>{isOperator() && <Button kind="quiet" icon="cross" label={`Keep ${safeLine(r.text, 60)} no longer`} onClick={() => end(r.text)} />}</span>)}</p>}
    {failure ? <Failed failure={failure} retry={load} /> : found === null ? <Loading what="the messages" /> : found.messages.length === 0
      ? <Empty icon="follow" title={asked ? `No message of ${safeLine(asked, 60)} in ${minutesText(minutes)}` : 'No message yet'}>
        <p>{found.all ? <>The gateway notes the way of every message. It has those since {when(found.since, found.now, true)}; busier gateways forget sooner.</> : <>Only messages that somebody asked to keep are noted (<code>Trace:BytesMax</code> is 0).</>}
          {isKept ? ' What comes from now on is kept.' : by === 'command' ? '' : asked === '' ? ' To have more of one device or topic, find it: then it can be kept for a day.' : ' From now on these can be kept for longer than all others.'}</p>
        <div class="row center wrap">{asked === '' && by !== 'command' ? <Button icon="search" onClick={() => field.current?.focus()}>Find a device or topic</Button> : keepButton}</div></Empty>
      : <div class={`columns tree-columns ${chosen ? 'has-detail' : ''}`}><section class="card"><ul class="raw">{found.messages.map((m, i) => <li key={`${m.time} ${m.topic} ${i}`}><button class={chosen === m ? 'chosen' : ''} aria-pressed={chosen === m} onClick={() => setChosen(m)}><small>{clock(m.time)}</small><code class="topic cut">{safeLine(m.topic, 200)}</code><span class="payload cut"><At state={m.state} /></span></button></li>)}</ul>
        <p class="muted small pad">{found.more ? `The newest ${count(found.messages.length)}; narrow it to see others` : `${count(found.messages.length)} ${found.messages.length === 1 ? 'message' : 'messages'}`}. All are noted since {when(found.since, found.now, true)}{found.skipped > 0 && <>; {count(found.skipped)} came too fast to be noted</>}.</p></section>
        {chosen ? <Way message={chosen} back={() => setChosen(null)} /> : <section class="card pad only-wide muted">Choose a message to see its way.</section>}</div>}</>
}

const plus = (ms: number) => ms < 1000 ? `+${ms} ms` : ms < 60_000 ? `+${(ms / 1000).toFixed(1)} s` : `+${Math.round(ms / 60_000)} min`

function Way({ message: m, back }: { message: TracedMessage; back: () => void }) {
  return <section class="card pad detail"><header class="card-head"><Button kind="quiet" icon="left" label="Back to the messages" class="only-narrow" onClick={back} /><h2 class="break"><bdi>{safeLine(m.topic, 500)}</bdi></h2></header>
    <p class="muted small"><At state={m.state} /> · QoS {m.qoS}{m.retain && ' · retain'} · {bytes(m.bytes)}{m.command && <> · command <code>{safeLine(m.command, 60)}</code></>}</p>
    <ol class="way"><li><b>{clock(m.time)}</b><span>Accepted from {m.from !== undefined ? <bdi>{safeLine(m.from, 120)}</bdi> : m.origin === 'upstream' ? 'an upstream' : 'the gateway itself'}{m.address && ` at ${m.address}`}</span></li>
      {m.position !== undefined && <li><b>{m.diskMs !== undefined ? plus(m.diskMs) : '…'}</b><span>{m.diskMs !== undefined ? 'On the disk' : 'Not on the disk yet'}, position {count(m.position)}</span></li>}
      {m.answer !== undefined && <li><b>{plus(m.answerMs ?? 0)}</b><span>Acknowledged to its publisher: {m.answer}</span></li>}</ol>
    {m.ways.length === 0 && <p class="notice info"><Icon name="info" /><span>Nobody subscribed to this topic when it came{m.retain && '; it is retained for those who do later'}.</span></p>}
    {m.ways.map((w) => <div key={w.kind + w.name} class="way-to"><h3><span class="muted">{w.kind === 'upstream' ? 'To the upstream ' : w.kind === 'topic' ? 'Retained on ' : 'To '}</span><bdi>{safeLine(w.name, 120)}</bdi> <At state={w.state} /></h3>
      <ol class="way">{w.steps.map((s, i) => <li key={i}><b>{plus(s.ms)}</b><span class="break">{safeLine(s.text.charAt(0).toUpperCase() + s.text.slice(1), 600)}</span></li>)}</ol></div>)}
    {m.more && <p class="muted small">And more clients, which are not told one by one.</p>}</section>
}

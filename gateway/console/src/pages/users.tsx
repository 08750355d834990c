import { useState } from 'preact/hooks'
import type { Failure, Person, Users } from '../api'
import { call, enc, post } from '../api'
import { isOperator, session } from '../app'
import { safeLine, when } from '../format'
import { now, useStore } from '../live'
import { usePoll } from '../poll'
import { Button, CopyButton, Dialog, Empty, Failed, Icon, Link, Loading } from '../ui'

export function UsersPage() {
  const { data, failure, load } = usePoll<Users>('/users', 5000)
  const [dialog, setDialog] = useState<'person' | 'key' | null>(null)
  const [editing, setEditing] = useState<Person | null>(null)
  const [wrong, setWrong] = useState<Failure | null>(null)
  const [gone, setGone] = useState<{ what: string; path: string; words: string } | null>(null)
  if (!isOperator()) return <div class="page"><header class="head"><h1>Users</h1></header><Empty icon="users" title="This needs role operator"><p>Ask an operator to see who may get in.</p></Empty></div>
  return <div class="page"><header class="head"><h1>Users and security</h1><span class="grow" /><Button onClick={() => setDialog('key')} icon="key">New key</Button><Button kind="primary" icon="plus" onClick={() => { setEditing(null); setDialog('person') }}>Add a person</Button></header>
    {failure && <Failed failure={failure} retry={load} />}{wrong && <Failed failure={wrong} />}
    {data?.anonymous && <div class="notice warn"><Icon name="warn" /><div><b>Anybody may connect.</b> Security:AllowAnonymous lets MQTT clients in without a password.<div class="todo">Add users, and take the setting away.</div></div></div>}
    {data && !data.kept && <div class="notice info"><Icon name="info" /><div>This gateway keeps nothing (Data is none): who is added here is gone when it stops.</div></div>}
    {!data ? !failure && <Loading what="the users" /> : <>
      <section class="card pad"><header class="card-head"><h2>People</h2><small>who may log in to this console</small></header><List people={data.people} edit={(p) => { setEditing(p); setDialog('person') }} remove={(p) => setGone({ what: p.name, path: `/users/${enc(p.name)}`, words: 'may not log in any more, and is logged out everywhere' })} /></section>
      <section class="card pad"><header class="card-head"><h2>API keys</h2><small>for programs</small></header>{data.keys.length === 0 ? <p class="muted">No key yet. A program sends one as <code>Authorization: Bearer KEY</code>; what there is to call stands in <a href="/api/v1/docs" target="_blank" rel="noreferrer">the API's documentation</a>.</p> : <List people={data.keys} remove={(p) => setGone({ what: p.name, path: `/keys/${enc(p.name)}`, words: 'is of no use any more' })} />}</section>
      <section class="card pad"><header class="card-head"><h2>Devices that may connect</h2><Link to="/add" class="button"><Icon name="plus" />Add a device</Link></header>{data.devices.length === 0 ? <p class="muted">No device has a password of its own yet. From this machine clients need none as long as that is so; from elsewhere nobody gets in.</p> : <ul class="lines">{data.devices.map((d) => <li key={d}><span class="grow"><Link to={`/devices/${enc(d)}`}><bdi>{safeLine(d, 80)}</bdi></Link></span><Button icon="trash" kind="quiet" label={`Let ${safeLine(d, 40)} in no more`} onClick={() => setGone({ what: d, path: `/provision/${enc(d)}`, words: 'gets in no more, from its next connection on' })} /></li>)}</ul>}</section></>}
    {dialog === 'person' && <PersonDialog person={editing} close={() => { setDialog(null); load() }} />}
    {dialog === 'key' && <KeyDialog close={() => { setDialog(null); load() }} />}
    {gone && <Dialog title={`Remove ${safeLine(gone.what, 40)}?`} close={() => setGone(null)}><p><b>{safeLine(gone.what, 60)}</b> {gone.words}.</p><div class="row end"><Button onClick={() => setGone(null)}>Keep</Button><Button kind="danger" onClick={() => call('DELETE', gone.path).then(() => { setGone(null); setWrong(null); load() }, (x) => { setWrong(x as Failure); setGone(null) })}>Remove</Button></div></Dialog>}</div>
}
function List({ people, edit, remove }: { people: Person[]; edit?: (p: Person) => void; remove: (p: Person) => void }) {
  const n = useStore(now)
  return <ul class="lines tall">{people.map((p) => <li key={p.name}><span class="avatar" aria-hidden="true">{edit ? safeLine(p.name, 1).toUpperCase() : <Icon name="key" size={16} />}</span><span class="grow two"><b><bdi>{safeLine(p.name, 60)}</bdi>{edit && p.name === session.value?.user && <small> (you)</small>}</b><small>{p.role}{p.created > 0 && ` · since ${when(p.created, n)}`}{p.from === 'settings' && ' · from the settings'}{p.sessions.length > 0 && ` · logged in from ${[...new Set(p.sessions.map((s) => s.address))].join(', ')}, last ${when(Math.max(...p.sessions.map((s) => s.last)), n)}`}</small></span>
    {p.from !== 'settings' && <>{edit && <Button onClick={() => edit(p)}>Password</Button>}<Button icon="trash" kind="quiet" label={`Remove ${safeLine(p.name, 40)}`} onClick={() => remove(p)} /></>}</li>)}</ul>
}
const Roles = ({ role, set }: { role: string; set: (r: string) => void }) => <div class="stack"><span class="label">Role</span><span class="segments" role="group" aria-label="Role">{['operator', 'monitor'].map((r) => <button key={r} type="button" aria-pressed={role === r} onClick={() => set(r)}>{r.charAt(0).toUpperCase() + r.slice(1)}</button>)}</span><small class="muted">{role === 'operator' ? 'Sees and changes everything.' : 'Sees states, counts and readings; changes nothing.'}</small></div>
function PersonDialog({ person, close }: { person: Person | null; close: () => void }) {
  const [name, setName] = useState(person?.name ?? ''), [role, setRole] = useState(person?.role ?? 'operator'), [password, setPassword] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const save = (e: Event) => { e.preventDefault(); call('PUT', '/users', { name, role, password }).then(close, (x) => setFailure(x as Failure)) }
  return <Dialog title={person ? `A new password for ${safeLine(person.name, 40)}` : 'Add a person'} close={close}><form class="stack" onSubmit={save}><label>Name<input value={name} required maxLength={128} disabled={person !== null} autocomplete="off" autofocus={person === null} onInput={(e) => setName((e.target as HTMLInputElement).value)} /></label><Roles role={role} set={setRole} />
    <label>Password, 8 characters or more<input type="password" value={password} required minLength={8} maxLength={128} autocomplete="new-password" onInput={(e) => setPassword((e.target as HTMLInputElement).value)} /></label>{failure && <Failed failure={failure} />}<div class="row end"><Button onClick={close}>Cancel</Button><button class="button primary">Save</button></div></form></Dialog>
}
function KeyDialog({ close }: { close: () => void }) {
  const [name, setName] = useState(''), [role, setRole] = useState('monitor'), [made, setMade] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  if (made) return <Dialog title="The new key" close={close}><p>Copy it now. It is not shown again, and the gateway keeps only its hash.</p><pre class="code break">{made}</pre><div class="row end"><CopyButton text={made}>Copy the key</CopyButton><Button kind="primary" onClick={close}>Done</Button></div></Dialog>
  return <Dialog title="A key for a program" close={close}><form class="stack" onSubmit={(e) => { e.preventDefault(); post<{ key: string }>('/keys', { name, role }).then((k) => setMade(k.key), (x) => setFailure(x as Failure)) }}><label>What it is for<input value={name} required maxLength={128} placeholder="prometheus" autofocus onInput={(e) => setName((e.target as HTMLInputElement).value)} /></label><Roles role={role} set={setRole} />{failure && <Failed failure={failure} />}<div class="row end"><Button onClick={close}>Cancel</Button><button class="button primary">Make it</button></div></form></Dialog>
}

using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Routing;

/// <summary>
/// Messages that are more than one turn may do, whoever published them, and that go on over turns of their own.
/// <list type="bullet">
/// <item>Those of one topic go one after the other, in the order in which they were published: nobody has an older state after a newer one.</item>
/// <item>Each client has one at most, for it is not read before all have it. Others have <see cref="CountMax"/> together, and a sixteenth of the memory, of which no owner has more than a quarter. Who can wait does,
/// where there is no room (<see cref="HasRoomFor"/>). What cannot goes out in one turn, behind all that is left of its topic, and is counted (<see cref="Ports.BrokerCounters.WideAtOnce"/>).</item>
/// <item>What is left counts as memory of its publisher's owner.</item>
/// <item>A fault of the gateway for one client ends the connection of that one, and the others have the message. It is not acknowledged then where that one would come back for it. A fault that is of no client ends the message: its
/// publisher's connection, if it waits, and no other message of the topic.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class FanOuts(Ground ground, RouteCache routes, Delivery delivery)
{
    /// <summary>Chosen: all that the gateway says of itself on <c>$SYS</c>, some times.</summary>
    public const int CountMax = 1_000;

    /// <summary>Recipients between two looks at the clock. Chosen: ten to a hundred microseconds. A simulation, whose clock stands still in a turn, has fewer, and with each look the turn has done enough.</summary>
    public int PerLook { get; set; } = 128;

    /// <inheritdoc cref="PerLook"/>
    public bool StopsAtEachLook { get; set; }

    /// <summary>The turn has done enough: what may go later does. It is a look at the clock.</summary>
    public bool IsEnough => ground.Turn.HasWrittenMuch || StopsAtEachLook || ground.Turn.IsLong;

    private const int MemoryPart = 16;
    private const int OwnerPart = 4;
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal); // by topic: a route may be another object by now
    private readonly Dictionary<Owner, (int Count, long Bytes)> _unheld = []; // of whose publishers nobody is held
    private (int Count, long Bytes) _allUnheld;
    private readonly HashSet<IJob> _woken = []; // when another has gone to all
    private TurnSignal _room;

    /// <summary>Messages that have not gone to all.</summary>
    public int Count { get; private set; }

    /// <summary>What they take in memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>There is room for another whose publisher is not held.</summary>
    /// <param name="owner">Who pays for it; null for the gateway.</param>
    public bool HasRoomFor(Owner? owner) =>
        _allUnheld.Count < CountMax && _allUnheld.Bytes < BytesMax
        && (owner is null || !_unheld.TryGetValue(owner, out (int Count, long Bytes) its) || (its.Count < CountMax / OwnerPart && its.Bytes < BytesMax / OwnerPart));

    private long BytesMax => ground.Owners[Good.Memory].Max / MemoryPart;

    /// <summary>Completes when there is room for another of the gateway's.</summary>
    public Task WhenRoom() => HasRoomFor(null) ? Task.CompletedTask : _room.Next();

    /// <summary>Has a job go on when the next of these messages has gone to all; there is one, or it goes on at once.</summary>
    public void WakeWithRoom(IJob job)
    {
        if (Count == 0)
            ground.Turn.Jobs.Continue(job);
        else
            _ = _woken.Add(job);
    }

    /// <summary>A message of this topic has not gone to all.</summary>
    public bool IsUnderWay(string topic) => Count > 0 && _lines.ContainsKey(topic);

    /// <summary>A message of this topic is on its way to this client, and has not gone to it yet.</summary>
    public bool IsUnderWay(string topic, string clientId)
    {
        if (Count == 0 || _lines.GetValueOrDefault(topic) is not { } line)
            return false;
        FanOut? before = null;
        int place = -1; // looked for once in those that have the same list
        foreach (FanOut left in line.All)
        {
            if (before?.IsForSame(left) is not true)
                place = left.PlaceOf(clientId);
            if (left.IsLeft(place))
                return true;
            before = left;
        }

        return false;
    }

    /// <summary>It goes on in later turns.</summary>
    public void Begin(FanOut left)
    {
        if (!_lines.TryGetValue(left.Route.Topic, out Line? line))
            _lines.Add(left.Route.Topic, line = new Line(this, left.Route.Topic));
        // Room was looked for in this turn, and those for whom it waits come in others: the first may be done with it by then, and the journal full.
        left.IsGripped = left.HasToBeKept && ground.Custody.Grip(left.Message) is { IsOnDisk: true, IsFailed: false };
        // Those behind one another have the same list of recipients, mostly.
        left.MemoryBytes = left.Message.Bytes + MemoryCost.FanOut(line.Last?.IsForSame(left) is true ? 0 : left.Recipients, left.Recipients, left.Chosen);
        Account(left, 1);
        line.Add(left);
        ground.Turn.Jobs.Continue(line);
    }

    /// <summary>What is left of a topic goes to all now: another message is to go behind it in this turn.</summary>
    public void Finish(string topic)
    {
        if (_lines.GetValueOrDefault(topic) is not { } line)
            return;
        while (line.Next is { } left)
        {
            try
            {
                _ = GoOn(left, isToTheEnd: true);
                line.RemoveNext();
            }
            catch (Exception fault)
            {
                ground.Turn.Jobs.Fail(line, fault);
            }
        }
    }

    /// <summary>What is left of a topic goes now to those who acknowledge it, and may come back for it: another message is given to them in this turn.</summary>
    /// <param name="topic">Which.</param>
    /// <param name="recipients">Of that message.</param>
    public void ServeDurable(string topic, Recipient[] recipients)
    {
        if (_lines.GetValueOrDefault(topic) is not { } line)
            return;
        foreach (FanOut left in line.All)
        {
            bool isOther = !left.IsForSame(recipients); // who has it at QoS 0 may have the next at another
            if (!left.HasDurable && !isOther)
                continue;
            int index = 0;
            try
            {
                InTurn(left, (ref Publication publication) =>
                {
                    while (left.TryTakeDurable(ref index, isWithoutAck: isOther || left.Message.QoS == QoS.AtMostOnce, out Recipient recipient))
                        Give(left, ref publication, recipient, waits: true);
                });
            }
            catch (Exception fault)
            {
                left.HasFailed = true;
                ground.Turn.Jobs.Faulted(line, fault, AfterFault.GoesOn, 0);
            }

            left.HasDurable = false;
        }
    }

    private delegate void Slice(ref Publication publication);

    // Its acknowledgement depends on what is kept of it in each of its turns; that of the packet at hand does not.
    private void InTurn(FanOut left, Slice slice)
    {
        DurableGate gate = ground.Turn.Gate;
        Kept outcome = gate.Outcome;
        gate.BeginPacket();
        gate.Join(left.Kept);
        try
        {
            delivery.Begin();
            routes.Refresh(left.Route);
            Publication publication = left.Again(ground.Turn.NowMs);
            slice(ref publication);
        }
        finally
        {
            left.Note(gate.Outcome, delivery.HoldingBack);
            gate.BeginPacket();
            gate.Join(outcome);
        }
    }

    // As far as this turn may do it, and to one at least.
    private bool GoOn(FanOut left, bool isToTheEnd)
    {
        InTurn(left, (ref Publication publication) =>
        {
            Turn turn = ground.Turn;
            bool isExpired = left.Message.IsExpired(turn.NowMs);
            int untilLook = PerLook;
            while (left.TryTake(out Recipient recipient, out SharedGroup? group))
            {
                if (isExpired)
                    DropFor(recipient, publication, DropReason.Expired);
                else if (group is null || group.Has(recipient.Subscriber) || TryChooseAgain(left, publication, group, ref recipient))
                    Give(left, ref publication, recipient, waits: false);
                else
                    DropFor(recipient, publication, DropReason.SessionEnded); // nobody of the group is left
                turn.Did(1);
                if (isToTheEnd)
                    continue;
                if (turn.HasWrittenMuch || (--untilLook == 0 && IsEnough))
                    break;
                untilLook = untilLook == 0 ? PerLook : untilLook;
            }
        });
        return left.IsDone;
    }

    private void Give(FanOut left, ref Publication publication, in Recipient recipient, bool waits)
    {
        try
        {
            if (waits)
                delivery.LetWait(ref publication, recipient);
            else
                _ = delivery.Deliver(ref publication, recipient);
        }
        catch (Exception fault)
        {
            EndFor(left, recipient, fault);
        }
    }

    // The connection of the one whom it is for: nobody else's is at hand.
    private void EndFor(FanOut left, in Recipient recipient, Exception fault)
    {
        Session session = (Session)recipient.Subscriber;
        left.HasFailed |= left.Message.QoS != QoS.AtMostOnce && recipient.QoS != QoS.AtMostOnce && session.IsDurable;
        ground.Counters.JobFaults++;
        ground.Events.ConnectionFailed(fault, session.Name);
        session.CloseConnection(CloseReason.InternalError, fault.Message);
    }

    // Who has not got it by now loses it, unless it comes again: its publisher, if it waits, is not answered.
    private void GiveUp(FanOut left)
    {
        left.HasFailed = true;
        try
        {
            Publication publication = left.Again(ground.Turn.NowMs);
            while (!(left.HoldsPublisher && left.Message.QoS != QoS.AtMostOnce) && left.TryTake(out Recipient recipient, out _))
                DropFor(recipient, publication, DropReason.GatewayFault);
        }
        finally
        {
            left.GiveUp();
        }
    }

    private void DropFor(in Recipient recipient, in Publication publication, DropReason reason) => ground.Counters.Drop(
        new Drop(reason, DropOwner.Client(recipient.Subscriber.ClientId), publication.Route.Topic, publication.Payload.Length), publication.TraceNumber);

    // Who was chosen has unsubscribed since, or its Session has ended: it is another's turn. Of the group as it is now: where everybody had left, those who are back are another.
    private static bool TryChooseAgain(FanOut left, in Publication publication, SharedGroup group, ref Recipient recipient)
    {
        if (Array.Find(left.Route.Groups, now => now.Name == group.Name) is not { } present || !present.TryChoose(publication.PacketBytes, publication.QoS, out Recipient again))
            return false;
        recipient = again;
        if (publication.QoS == QoS.ExactlyOnce && recipient.Subscriber.IsDurable)
            recipient.QoS = QoS.AtMostOnce; // it is not on the disk together with the Packet Identifier that it came under (Publication.MayGoLater)
        return true;
    }

    private void Ended(FanOut left)
    {
        Account(left, -1);
        if (left.IsGripped)
            ground.Custody.LetGo(left.Message);
        left.Release();
        if (HasRoomFor(null))
            _room.Set();
        foreach (IJob job in _woken)
            ground.Turn.Jobs.Continue(job);
        _woken.Clear();
    }

    private void Account(FanOut left, int sign)
    {
        long bytes = sign * left.MemoryBytes;
        Count += sign;
        Bytes += bytes;
        (left.Owner ?? ground.Owners.Nobody)[Good.Memory].Take(bytes);
        if (left.HoldsPublisher)
            return;
        _allUnheld = (_allUnheld.Count + sign, _allUnheld.Bytes + bytes);
        if (left.Owner is not { } owner)
            return;
        (int count, long its) = _unheld.GetValueOrDefault(owner);
        if (count + sign > 0)
            _unheld[owner] = (count + sign, its + bytes);
        else
            _ = _unheld.Remove(owner);
    }

    /// <summary>
    /// The messages of one topic. Whose is the first pays for the time, and rests when it owes, where nobody but its own publisher waits. Others pay all the same, and do not rest: a Will is not late because
    /// its user is busy, and one user does not hold up the messages of another.
    /// </summary>
    private sealed class Line(FanOuts all, string topic) : IJob
    {
        private readonly Queue<FanOut> _left = new();

        /// <summary>A record on the disk is made here and there, for those who may come back.</summary>
        public bool Writes => false;

        public string Name => "a message for many";

        // The others of the topic go on.
        public AfterFault Failed(Exception fault, Turn turn)
        {
            if (Next is not { } left)
                return AfterFault.GoesOn;
            try
            {
                all.GiveUp(left);
            }
            finally
            {
                RemoveNext();
            }

            return AfterFault.GoesOn;
        }

        public IPayer? Payer => Next is not { Owner: { } owner } next ? null : next.HoldsPublisher && _left.All(waits => waits.HoldsPublisher && waits.Owner == owner) ? owner : owner.Unasked;

        public IReadOnlyCollection<FanOut> All => _left;

        public FanOut? Next => _left.Count > 0 ? _left.Peek() : null;

        public FanOut? Last { get; private set; }

        public void Add(FanOut left)
        {
            _left.Enqueue(left);
            Last = left;
        }

        public void RemoveNext()
        {
            all.Ended(_left.Dequeue());
            if (_left.Count > 0)
                return;
            Last = null;
            _ = all._lines.Remove(topic);
        }

        // One of another owner has a slice of its own.
        public bool Run(Turn turn)
        {
            Owner? owner = Next?.Owner;
            while (Next is { } left && left.Owner == owner && all.GoOn(left, isToTheEnd: false))
            {
                RemoveNext();
                if (all.IsEnough)
                    break;
            }

            return _left.Count == 0;
        }
    }
}

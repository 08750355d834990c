using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Finds the packet of the gateway's own for which an upstream ends each connection: its presence, the presence of a device, or one SUBSCRIBE. Without that none would
/// last, for a message that nobody has relayed.
/// <list type="bullet">
/// <item>Two connections in a row ended while something of the gateway's own had no answer: on the next all that is its own goes by itself, one after the other, and before what is relayed.</item>
/// <item>First a PINGREQ is answered. An upstream that ends whatever connection there is does not get so far, and nothing is held against a packet.</item>
/// <item>What was alone without an answer when three such connections in a row ended is left out. It may have been chance, and the upstream may be another by now: after an hour (a minute where nothing was acknowledged on the last of them) it is tried again, one
/// at a time, when nothing else of the gateway's own is without an answer. A connection that ends for it makes the pause longer, up to a day, and keeps the others out for another hour.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class OwnTrial
{
    private const int StrikesMax = 2;
    private const int AloneMax = 3; // chosen: a link that breaks at that moment by chance does so twice now and then, and the gateway would be shown offline for an hour
    private const string PublishName = "PUBLISH ";
    private const string SubscribeName = "SUBSCRIBE ";

    // At most what there is: the gateway's presence, a filter for each rule and each known device, and the Wills of devices.
    private readonly Dictionary<string, LaterTry> _leftOut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unanswered = new(StringComparer.Ordinal);
    private string? _triedAgain; // on this connection
    private int _strikes;
    private int _timesAlone;
    private bool _isHeard;

    /// <summary>On this connection, what is the gateway's own goes by itself.</summary>
    public bool IsOn { get; private set; }

    /// <summary>On the next connection it does.</summary>
    public bool IsDue => _strikes >= StrikesMax;

    /// <summary>The PINGREQ of this connection is answered: the upstream handles what it gets.</summary>
    public bool MaySend => IsOn && _isHeard;

    /// <summary>What the upstream seems to end the connection for; null when nothing is suspected.</summary>
    public string? Suspect { get; private set; }

    /// <summary>The name of a message of the gateway's own.</summary>
    public static string Publish(string topic) => PublishName + topic;

    /// <summary>The name of a subscription.</summary>
    public static string Subscribe(string filter) => SubscribeName + filter;

    /// <summary>The topic of a message with this name; null when it is that of a subscription.</summary>
    public static string? TopicOf(string name) => name.StartsWith(PublishName, StringComparison.Ordinal) ? name[PublishName.Length..] : null;

    /// <summary>The filter of a subscription with this name; null when it is that of a message.</summary>
    public static string? FilterOf(string name) => name.StartsWith(SubscribeName, StringComparison.Ordinal) ? name[SubscribeName.Length..] : null;

    /// <summary>The upstream ends connections for it: it is not sent.</summary>
    public bool IsLeftOut(string name) => _leftOut.Count > 0 && name != _triedAgain && _leftOut.ContainsKey(name);

    /// <summary>Time has gone by: what is to be sent once more of that which is left out. It is not left out on this connection.</summary>
    /// <returns>Its name; null when there is none for now.</returns>
    public string? TryAgain(long nowMs)
    {
        if (_leftOut.Count == 0 || IsOn || IsDue || _triedAgain is not null || _unanswered.Count > 0)
            return null;
        (string name, LaterTry again) = _leftOut.MinBy(static l => l.Value.DueMs);
        return again.IsDue(nowMs) ? _triedAgain = name : null;
    }

    /// <summary>Nobody wants to send it any more.</summary>
    public void Forget(string name)
    {
        _ = _leftOut.Remove(name);
        if (name == _triedAgain)
            _triedAgain = null;
    }

    /// <summary>Another connection.</summary>
    /// <returns>True when it begins with a PINGREQ.</returns>
    public bool Begin()
    {
        _unanswered.Clear();
        _triedAgain = null;
        _isHeard = false;
        IsOn = IsDue;
        return IsOn;
    }

    /// <summary>PINGRESP.</summary>
    public void Heard() => _isHeard = true;

    public void Sent(string name) => _unanswered.Add(name);

    /// <summary>It has its answer, whichever: the upstream does not end connections for it.</summary>
    /// <returns>True when it was left out before.</returns>
    public bool Answered(string name)
    {
        _ = _unanswered.Remove(name);
        if (name == Suspect)
            (Suspect, _timesAlone) = (null, 0);
        if (name != _triedAgain)
            return false;
        _triedAgain = null;
        return _leftOut.Remove(name);
    }

    /// <summary>All that is the gateway's own has its answer: the rest goes as ever.</summary>
    public void Pass()
    {
        IsOn = false;
        _strikes = 0;
        Suspect = null;
    }

    /// <summary>The connection has ended.</summary>
    /// <param name="end">Why.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>What is left out from now on, and until when; null when nothing more is.</returns>
    public (string Name, LaterTry Until)? End(in UplinkEnd end, long nowMs)
    {
        string? triedAgain = _triedAgain;
        _triedAgain = null;
        // As with messages that are relayed: neither our own stop nor a silent network is any packet's doing.
        if (end.Reason is not (UplinkEndReason.ConnectionLost or UplinkEndReason.AckTimeout))
            return null;
        if (triedAgain is not null && _unanswered.Contains(triedAgain))
            return LeaveOut(triedAgain, end, nowMs);
        if (!IsOn)
        {
            _strikes = _unanswered.Count == 0 ? 0 : _strikes + 1;
            return null;
        }

        if (!_isHeard || _unanswered.Count != 1)
            return null;
        string alone = _unanswered.Single();
        _timesAlone = Suspect == alone ? _timesAlone + 1 : 1;
        Suspect = alone;
        if (_timesAlone < AloneMax)
            return null;
        Suspect = null;
        return LeaveOut(alone, end, nowMs);
    }

    // At most one connection an hour ends for such a try, however many are left out.
    private (string Name, LaterTry Until) LeaveOut(string name, in UplinkEnd end, long nowMs)
    {
        // One that answers nothing for a while is likelier to be at fault itself than one that ends connections.
        long firstMs = end.Reason == UplinkEndReason.AckTimeout ? LaterTry.MinuteMs : LaterTry.HourMs;
        LaterTry until = LaterTry.After(_leftOut.TryGetValue(name, out LaterTry before) ? before : null, nowMs, firstMs, LaterTry.DayMs);
        foreach ((string other, LaterTry its) in _leftOut.ToArray())
            _leftOut[other] = its with { DueMs = Math.Max(its.DueMs, nowMs + LaterTry.HourMs) };
        _leftOut[name] = until;
        return (name, until);
    }
}

using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Finds the packet of the gateway's own for which an upstream ends each connection: its presence, the presence of a device, or one SUBSCRIBE. Without that none would
/// last, for a message that nobody has relayed.
/// <list type="bullet">
/// <item>Two connections in a row ended while something of the gateway's own had no answer: on the next all that is its own goes by itself, one after the other, and before what is relayed.</item>
/// <item>First a PINGREQ is answered. An upstream that ends whatever connection there is does not get so far, and nothing is held against a packet.</item>
/// <item>What was alone without an answer when two such connections in a row ended is left out until the gateway starts anew.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class OwnTrial
{
    private const int StrikesMax = 2;

    // At most what there is: the gateway's presence, a filter for each rule and each known device, and the Wills of devices.
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unanswered = new(StringComparer.Ordinal);
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
    public static string Publish(string topic) => $"PUBLISH {topic}";

    /// <summary>The name of a subscription.</summary>
    public static string Subscribe(string filter) => $"SUBSCRIBE {filter}";

    /// <summary>The upstream ends connections for it: it is not sent.</summary>
    public bool IsLeftOut(string name) => _leftOut.Count > 0 && _leftOut.Contains(name);

    /// <summary>Another connection.</summary>
    /// <returns>True when it begins with a PINGREQ.</returns>
    public bool Begin()
    {
        _unanswered.Clear();
        _isHeard = false;
        IsOn = IsDue;
        return IsOn;
    }

    /// <summary>PINGRESP.</summary>
    public void Heard() => _isHeard = true;

    public void Sent(string name) => _unanswered.Add(name);

    /// <summary>It has its answer, whichever: the upstream does not end connections for it.</summary>
    public void Answered(string name)
    {
        _ = _unanswered.Remove(name);
        if (name == Suspect)
            (Suspect, _timesAlone) = (null, 0);
    }

    /// <summary>All that is the gateway's own has its answer: the rest goes as ever.</summary>
    public void Pass()
    {
        IsOn = false;
        _strikes = 0;
        Suspect = null;
    }

    /// <summary>The connection has ended.</summary>
    /// <returns>What is left out from now on; null when nothing more is.</returns>
    public string? End(in UplinkEnd end)
    {
        // As with messages that are relayed: neither our own stop nor a silent network is any packet's doing.
        if (end.Reason is not (UplinkEndReason.ConnectionLost or UplinkEndReason.AckTimeout))
            return null;
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
        if (_timesAlone < StrikesMax)
            return null;
        Suspect = null;
        _ = _leftOut.Add(alone);
        return alone;
    }
}

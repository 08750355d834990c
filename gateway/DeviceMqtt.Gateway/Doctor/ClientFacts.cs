using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What the doctor looks at of one client.</summary>
/// <param name="ClientId">Which.</param>
/// <param name="Visits">Its last connections.</param>
internal readonly record struct ClientFacts(string ClientId, IReadOnlyList<Visit> Visits)
{
    /// <summary>Of its connection; 0 for none.</summary>
    public int KeepAliveSeconds { get; init; }

    /// <summary>Sent and not acknowledged.</summary>
    public int InFlight { get; init; }

    /// <summary>How many it may have.</summary>
    public int InFlightMax { get; init; }

    /// <summary>Milliseconds since it acknowledged something, or had nothing to, or connected.</summary>
    public long TookNothingMs { get; init; }

    /// <summary>Messages in its queue.</summary>
    public int Waiting { get; init; }

    /// <summary>How full that is.</summary>
    public Fullness Queue { get; init; }

    /// <summary>It subscribes to <c>#</c>.</summary>
    public bool HasAllFilter { get; init; }

    /// <summary>It is here now.</summary>
    public bool IsConnected { get; init; }

    /// <summary>The broker saw two take over from each other, in the last ten minutes.</summary>
    public bool IsFought { get; init; }
}

using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What the doctor looks at of one client.</summary>
/// <param name="ClientId">Which.</param>
/// <param name="Visits">Its last connections.</param>
/// <param name="KeepAliveSeconds">Of its connection; 0 for none.</param>
/// <param name="InFlight">Sent and not acknowledged.</param>
/// <param name="InFlightMax">How many it may have.</param>
/// <param name="Waiting">Messages in its queue.</param>
/// <param name="WaitingMax">How many there may be.</param>
/// <param name="HasAllFilter">It subscribes to <c>#</c>.</param>
/// <param name="IsConnected">It is here now.</param>
internal readonly record struct ClientFacts(
    string ClientId, IReadOnlyList<Visit> Visits, int KeepAliveSeconds, int InFlight, int InFlightMax, int Waiting, int WaitingMax, bool HasAllFilter, bool IsConnected);

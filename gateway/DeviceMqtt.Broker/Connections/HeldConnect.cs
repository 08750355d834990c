using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>A CONNECT from its packet to its CONNACK. Most are settled in the turn that read them; this one may have to wait. Owned by the turn.</summary>
/// <param name="packet">The CONNECT.</param>
/// <param name="clientId">The Client Identifier, also where the gateway chose it.</param>
/// <param name="isAssigned">The gateway chose it.</param>
/// <param name="number">Counts up with each CONNECT: of two with one Client Identifier the later one wins.</param>
/// <param name="bytes">Of the packet.</param>
internal sealed class HeldConnect(ConnectPacket packet, string clientId, bool isAssigned, long number, int bytes)
{
    private const int HeldCopies = 3; // its texts have two bytes a character here
    private TurnSignal _released;

    public ConnectPacket Packet => packet;

    public string ClientId => clientId;

    public bool IsAssigned => isAssigned;

    public long Number => number;

    /// <summary>Bytes that it takes in memory while it waits.</summary>
    public int MemoryBytes => bytes * HeldCopies;

    /// <summary>What the access rules said; until then <see cref="Login"/> is under way.</summary>
    public Admission Admission { get; set; }

    /// <summary>Is being worked out by the access rules; null when it is not.</summary>
    public Task<Admission>? Login { get; set; }

    /// <summary>It waits, or has waited, for what the connection before had sent; it does so once.</summary>
    public bool WaitsForTakeOver { get; set; }

    /// <summary>It waits, or has waited, because its user has had more than its share of the time; it does so once.</summary>
    public bool WaitsForTime { get; set; }

    /// <summary>What it waited for has come, or the connection is closed.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>Completes with <see cref="Release"/>.</summary>
    public Task WhenReleased() => IsReleased ? Task.CompletedTask : _released.Next();

    /// <summary>Waits, from now on, for something else than before.</summary>
    public void HoldAgain() => IsReleased = false;

    public void Release()
    {
        IsReleased = true;
        _released.Set();
    }
}

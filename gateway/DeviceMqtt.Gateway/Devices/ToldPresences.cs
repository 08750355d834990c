using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// The presence of devices behind gateways below, as it comes up: <c>presence/{clientId}</c>, which the device says itself, or its Will that is held here. What a client
/// says of itself on its own connection is not noted: whether it is here is known better. There are at most as many as known devices, in the bytes of
/// <see cref="ReadingsBudget"/>; one that finds no room is looked up each time among the retained messages. Owned by the turn.
/// </summary>
internal sealed class ToldPresences(ReadingsBudget budget, WallClock clock, int presencesMax)
{
    // Measured: the object, its place and the name.
    private const int ObjectBytes = 128;
    private static readonly byte[] Online = Encoding.UTF8.GetBytes(PresenceTopic.Online);
    private static readonly byte[] Offline = Encoding.UTF8.GetBytes(PresenceTopic.Offline);
    private readonly Dictionary<string, ToldPresence> _byClient = new(StringComparer.Ordinal);

    /// <summary>A message on <c>presence/{clientId}</c> is about to be routed.</summary>
    public void Take(string clientId, in Publication publication)
    {
        // It is here, or has just left. What comes up of it from now on is news, also where it is the same word.
        if (publication.Publisher?.ClientId == clientId || publication.Payload.IsEmpty)
        {
            Remove(clientId);
            return;
        }

        // Of others it is looked up when somebody asks.
        if (!_byClient.TryGetValue(clientId, out ToldPresence? told) && (publication.Publisher is not Session { IsBridge: true } || (told = Add(clientId)) is null))
            return;
        Set(told, publication.Payload, publication.NowMs, clock.NowUnixMs);
    }

    /// <summary>What a client has told last.</summary>
    /// <param name="clientId">Which.</param>
    /// <param name="retained">Finds what is retained on a topic.</param>
    public ToldPresence Of(string clientId, Func<string, Message?> retained)
    {
        if (_byClient.TryGetValue(clientId, out ToldPresence? told))
            return told;
        told = Add(clientId) ?? new ToldPresence();
        if (retained(PresenceTopic.Build(clientId)) is { } message)
            Set(told, message.Payload, message.AcceptedMs, message.AcceptedUnixMs != 0 ? message.AcceptedUnixMs : clock.ToUnixMs(message.AcceptedMs));
        return told;
    }

    /// <summary>It has told that it is connected, and is noted.</summary>
    public bool IsOnline(string clientId) => _byClient.GetValueOrDefault(clientId) is { IsOnline: true };

    /// <summary>The device was forgotten.</summary>
    public void Remove(string clientId)
    {
        if (_byClient.Remove(clientId))
            budget.Give(BytesOf(clientId));
    }

    private ToldPresence? Add(string clientId)
    {
        if (_byClient.Count >= presencesMax || !budget.TryTake(BytesOf(clientId)))
            return null;
        return _byClient[clientId] = new ToldPresence();
    }

    private static long BytesOf(string clientId) => ObjectBytes + (clientId.Length * sizeof(char));

    private static void Set(ToldPresence told, ReadOnlySpan<byte> payload, long sinceMs, long unixMs)
    {
        bool? isOnline = payload.SequenceEqual(Online) ? true : payload.SequenceEqual(Offline) ? false : null;
        if (told.IsOnline == isOnline)
            return; // told on each connection
        told.IsOnline = isOnline;
        told.SinceMs = sinceMs;
        told.SinceUnixMs = isOnline is null ? 0 : unixMs;
    }
}

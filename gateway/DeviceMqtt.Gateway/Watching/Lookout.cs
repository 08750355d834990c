using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Devices;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>
/// Looks on while messages are routed, for the console: devices always, topics and single filters only while a page shows them. Also takes
/// the answers to commands that the console has sent. Owned by the turn.
/// </summary>
internal sealed class Lookout(DeviceBook devices, TopicBook topics, CommandBook commands, WallClock clock) : IMessageWatch
{
    /// <summary>Pages that may watch a filter at once.</summary>
    public const int FiltersMax = 32;

    private readonly List<LiveFilter> _filters = [];

    public DeviceBook Devices => devices;

    public TopicBook Topics => topics;

    public CommandBook Commands => commands;

    /// <returns>False when as many watch as may.</returns>
    public bool TryAdd(LiveFilter filter)
    {
        if (_filters.Count >= FiltersMax)
            return false;
        _filters.Add(filter);
        return true;
    }

    public void Remove(LiveFilter filter) => _filters.Remove(filter);

    public void Published(ref Publication publication)
    {
        devices.Take(ref publication);
        if (topics.IsOn)
            topics.Take(publication, clock.NowUnixMs);
        foreach (LiveFilter filter in _filters)
            filter.Take(publication, clock.NowUnixMs);
    }

    public bool Takes(in Publication publication) => publication.Route.P2PTarget == CommandBook.Sender && commands.TryAnswer(publication);

    public void ReceiptCame(string target, string commandId, string status, string why) => commands.ReceiptCame(target, commandId, status, why);
}

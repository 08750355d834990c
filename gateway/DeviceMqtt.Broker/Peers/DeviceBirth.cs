using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>What of a device's birth message the gateway itself obeys.</summary>
/// <param name="Window">How many commands the device takes at once, 1 or more.</param>
/// <param name="Configuring">The names of its commands that configure; all others act or ask.</param>
internal sealed record DeviceBirth(int Window, string[] Configuring)
{
    /// <summary>Seconds for which a command is good that says nothing itself.</summary>
    public int TimeToLiveSeconds(string command) =>
        CommandForm.TimeToLiveOf(Configuring.AsSpan().Contains(command) ? CommandClass.Configure : CommandClass.Act);
}

namespace DeviceMqtt.HomeAssistant;

/// <summary>A device that Home Assistant knows.</summary>
/// <param name="Name">What its topics call it.</param>
/// <param name="ClientId">Commands go to it.</param>
/// <param name="Boot">Which start of the board; 0 where it does not say.</param>
/// <param name="BootedAtSeconds">When that was, in epoch seconds; 0 where nobody knows.</param>
/// <param name="Announcement">What Home Assistant was told.</param>
internal sealed record AnnouncedDevice(string Name, string ClientId, long Boot, double BootedAtSeconds, Announcement Announcement)
{
    // The clocks of a board and of the gateway are not one.
    private const double ClockSlackSeconds = 5;

    /// <summary>By what the topic has behind <c>cmd/</c>.</summary>
    public Dictionary<string, Control> Controls { get; } = Announcement.Controls.ToDictionary(static c => c.Topic, StringComparer.Ordinal);

    /// <summary>Whether an event was measured since the board has started: what waited in its memory over a restart is no state of now.</summary>
    /// <param name="boot">Which start it names; null for none.</param>
    /// <param name="seconds">When it says it was, in epoch seconds; null if it does not.</param>
    public bool IsOfThisBoot(long? boot, double? seconds) =>
        (boot is null || boot == Boot) && (seconds is null || BootedAtSeconds == 0 || seconds >= BootedAtSeconds - ClockSlackSeconds);
}

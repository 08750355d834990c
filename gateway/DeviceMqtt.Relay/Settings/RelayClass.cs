using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Relay.Settings;

/// <summary>Which of the messages that wait go first. All classes are drained side by side, each with its share (<see cref="RelayBuffer"/>).</summary>
internal enum RelayClass : byte
{
    /// <summary>Commands, answers and events.</summary>
    High = 0,

    Normal = 1,

    /// <summary>What may come whenever there is room.</summary>
    Low = 2,
}

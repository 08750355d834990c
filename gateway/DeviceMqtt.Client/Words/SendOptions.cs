namespace DeviceMqtt.Client.Words;

/// <summary>How a command is sent.</summary>
public sealed class SendOptions
{
    /// <summary>How long the answer is waited for: more than zero, at most 7 days.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the command is good for; as long as it is waited for when null. Whole seconds, rounded up.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Is told how far the command has come. Called on a thread of the client; must not wait.</summary>
    public Action<CommandProgress>? Progress { get; init; }
}

namespace DeviceMqtt.Client.Words;

/// <summary>A device has told readings or an event.</summary>
/// <param name="telemetry">What it told.</param>
public sealed class TelemetryEventArgs(Telemetry telemetry) : EventArgs
{
    /// <summary>What it told.</summary>
    public Telemetry Telemetry => telemetry;
}

namespace DeviceMqtt.TestSupport;

/// <summary>
/// What takes so long that not every run can have all of it: the run of CI has one of each kind, that with <c>--long</c> of the test command
/// (<c>DEVICEMQTT_LONG=1</c>) has the rest.
/// </summary>
internal static class LongRun
{
    public const string Reason = "one more of its kind, and takes long: DEVICEMQTT_LONG=1, or --long of the test command";

    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("DEVICEMQTT_LONG") is { Length: > 0 };
}

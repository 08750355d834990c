namespace DeviceMqtt.Gateway.Devices;

/// <summary>When the console last did not keep a device, for each cause: devices come and go, and so does what is said of it. Owned by the turn.</summary>
internal sealed class NotKeptDevices
{
    private const long HourMs = 3_600_000;
    private readonly long[] _lastMs = new long[Enum.GetValues<NotKeptCause>().Length];

    /// <param name="cause">Why.</param>
    /// <param name="nowMs">Monotonic milliseconds, more than 0.</param>
    public void Add(NotKeptCause cause, long nowMs) => _lastMs[(int)cause] = nowMs;

    /// <summary>The causes of the last hour.</summary>
    public IEnumerable<NotKeptCause> Lately(long nowMs) => Enum.GetValues<NotKeptCause>().Where(cause => _lastMs[(int)cause] is > 0 and var last && nowMs - last < HourMs);
}

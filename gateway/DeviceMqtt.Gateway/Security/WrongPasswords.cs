namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// How long a login has to wait for the wrong passwords that came before it, from its address or for its user name. The first few
/// cost nothing, then each doubles the wait. Nobody is shut out: a stranger that tries the name of a board slows that board, to
/// <paramref name="delayMsMax"/> at most and only while it is not remembered. Not safe for more than one thread.
/// </summary>
/// <param name="countMax">Owners counted; when there are more, all start anew.</param>
/// <param name="delayMsMax">The longest wait.</param>
internal sealed class WrongPasswords(int countMax, int delayMsMax)
{
    private const int FreeTries = 3; // chosen: a mistake while typing
    private const int FirstDelayMs = 250;
    private const long ForgottenMs = 5 * 60_000;
    private readonly Dictionary<UInt128, (long LastMs, int Count)> _failures = [];

    public int Count => _failures.Count;

    public void Add(UInt128 owner, long nowMs)
    {
        int before = CountOf(owner, nowMs);
        if (_failures.Count >= countMax && !_failures.ContainsKey(owner))
            _failures.Clear();
        _failures[owner] = (nowMs, before + 1);
    }

    public int DelayMs(UInt128 owner, long nowMs)
    {
        int over = CountOf(owner, nowMs) - FreeTries;
        return over < 0 ? 0 : (int)Math.Min(delayMsMax, (long)FirstDelayMs << Math.Min(over, 20));
    }

    /// <summary>How many there were, of late.</summary>
    public int CountOf(UInt128 owner, long nowMs) =>
        _failures.TryGetValue(owner, out (long LastMs, int Count) failures) && nowMs - failures.LastMs < ForgottenMs ? failures.Count : 0;
}
